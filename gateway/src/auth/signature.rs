//! Logons that are signed, in the ways of two venues whose clients there are: Ed25519 as Binance's FIX API has it,
//! HMAC-SHA256 as Coinbase Exchange's has it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{hmac, signature};
use wire::fix::session::Logon;

const SOH: u8 = 0x01;
/// An Ed25519 key's SubjectPublicKeyInfo up to the key itself (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const KEY_BYTES: usize = 32;

/// The public half of a client's Ed25519 key.
#[derive(Clone, PartialEq, Eq)]
pub struct Ed25519Key([u8; KEY_BYTES]);

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A private key: it belongs to the client alone.
    #[error("this is a private key, which only the client may have")]
    Private,
    /// No PEM, and no base64.
    #[error("this is neither PEM nor base64")]
    NotText,
    /// Bytes that are no Ed25519 public key.
    #[error("this is no Ed25519 public key")]
    NotEd25519,
    /// A secret of fewer than 128 bits.
    #[error("this secret has fewer than 16 bytes")]
    Short,
}

impl Ed25519Key {
    /// Reads a public key as `openssl pkey -pubout` writes it (PEM, "BEGIN PUBLIC KEY"), or the base64 of that or of the
    /// 32 bytes alone.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Ed25519Key, KeyError> {
        if text.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let bytes = STANDARD.decode(body.trim()).map_err(|_| KeyError::NotText)?;
        let key = bytes.strip_prefix(&SPKI_PREFIX).unwrap_or(&bytes);
        key.try_into().map(Ed25519Key).map_err(|_| KeyError::NotEd25519)
    }

    /// Whether RawData (96) of `logon` is the base64 of this key's signature of MsgType, SenderCompID, TargetCompID,
    /// MsgSeqNum and SendingTime, SOH between them (Binance, "How to sign Logon request").
    #[must_use]
    pub fn signed(&self, logon: &Logon<'_>) -> bool {
        let payload = [b"A", logon.sender, logon.target, logon.seq, logon.sending_time].join(&SOH);
        let key = signature::UnparsedPublicKey::new(&signature::ED25519, &self.0);
        raw_data(logon).is_some_and(|signature| key.verify(&payload, &signature).is_ok())
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Key({})", STANDARD.encode(self.0))
    }
}

/// The secret that a client and the venue share.
#[derive(Clone)]
pub struct HmacSecret(hmac::Key);

impl HmacSecret {
    /// Reads a secret as Coinbase gives it out: the base64 of its bytes.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<HmacSecret, KeyError> {
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| KeyError::NotText)?);
        if bytes.len() < 16 {
            return Err(KeyError::Short);
        }
        Ok(HmacSecret(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Whether RawData (96) of `logon` is the base64 of the HMAC-SHA256 of SendingTime, MsgType, MsgSeqNum, SenderCompID,
    /// TargetCompID and Password, SOH between them (Coinbase Exchange, FIX API, "Logon"). Compared in constant time.
    #[must_use]
    pub fn signed(&self, logon: &Logon<'_>) -> bool {
        let password = logon.password.unwrap_or_default();
        let payload = [logon.sending_time, b"A", logon.seq, logon.sender, logon.target, password].join(&SOH);
        raw_data(logon).is_some_and(|tag| hmac::verify(&self.0, &payload, &tag).is_ok())
    }
}

impl fmt::Debug for HmacSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

fn raw_data(logon: &Logon<'_>) -> Option<Vec<u8>> {
    STANDARD.decode(logon.raw_data?).ok()
}

#[cfg(test)]
mod tests {
    use wire::fix::session::{LogonPeek, logon_of};

    use super::*;

    fn logon(text: &[u8]) -> Logon<'_> {
        match logon_of(text) {
            LogonPeek::Logon(logon) => logon,
            other => panic!("not a Logon: {other:?}"),
        }
    }

    /// `|` for SOH; BodyLength and CheckSum are made.
    fn message(begin: &str, fields: &str) -> Vec<u8> {
        let body = fields.replace('|', "\u{1}");
        let head = format!("8={begin}\u{1}9={}\u{1}{body}", body.len());
        let sum = head.bytes().fold(0_u8, u8::wrapping_add);
        format!("{head}10={sum:03}\u{1}").into_bytes()
    }

    /// Binance, "FIX API", "How to sign Logon<A> request" (binance-spot-api-docs, fix-api.md): key, fields, signature and
    /// the whole message are the page's. The page prints the private key; this is the public half of it, made by
    /// `openssl pkey -pubout`.
    mod binance {
        use super::*;

        const PUBLIC: &str = include_str!("testdata/binance-example.pub.pem");
        const MESSAGE: &str = "8=FIX.4.4|9=247|35=A|34=1|49=EXAMPLE|52=20240627-11:17:25.223|56=SPOT|95=88|\
            96=4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==|98=0|108=30|\
            141=Y|553=sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb|25035=2|10=227|";

        #[test]
        fn the_published_signature_is_the_published_keys() {
            let bytes = MESSAGE.replace('|', "\u{1}").into_bytes();
            let logon = logon(&bytes);
            assert!(Ed25519Key::parse(PUBLIC).unwrap().signed(&logon));
            assert_eq!(
                logon.username.unwrap(),
                b"sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb"
            );
        }

        #[test]
        fn every_signed_field_counts() {
            let key = Ed25519Key::parse(PUBLIC).unwrap();
            let fields = &MESSAGE["8=FIX.4.4|9=247|".len()..MESSAGE.len() - "10=227|".len()];
            assert!(key.signed(&logon(&message("FIX.4.4", fields))));
            for (from, to) in [
                ("34=1", "34=2"),
                ("49=EXAMPLE", "49=EXAMPLF"),
                ("52=20240627-11:17:25.223", "52=20240627-11:17:25.224"),
                ("52=20240627-11:17:25.223", "52=20240627-11:17:25.2230"),
                ("56=SPOT", "56=SPOTS"),
                ("96=4MHX", "96=4MHY"),
                ("96=4MHX", "96=!MHX"),
            ] {
                assert!(!key.signed(&logon(&message("FIX.4.4", &fields.replacen(from, to, 1)))), "{to}");
            }
        }

        /// Binance's HMAC scheme is its REST API's ("Signed endpoint examples for POST /api/v3/order, HMAC keys"): its FIX
        /// API takes Ed25519 keys only. Its example proves the primitive that Coinbase's scheme below uses.
        #[test]
        fn the_published_hmac_example() {
            let key = hmac::Key::new(
                hmac::HMAC_SHA256,
                b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
            );
            let payload =
                b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&\
                timestamp=1499827319559";
            let tag: String = hmac::sign(&key, payload).as_ref().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(tag, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
        }
    }

    /// Coinbase publishes the scheme ("Exchange FIX API", "Logon": the prehash and "There is no trailing separator") and no
    /// example with a key and a signature, so that these signatures are Python's:
    /// `base64.b64encode(hmac.new(base64.b64decode(SECRET), PREHASH, hashlib.sha256).digest())`.
    mod coinbase {
        use super::*;

        /// The key of RFC 4231's test case 1, in base64.
        const SECRET: &str = "CwsLCwsLCwsLCwsLCwsLCwsLCws=";
        const FIELDS: &str = "35=A|34=1|49=b0744eb59b6951d7955e5e5aaed3709f|52=20211112-16:45:45.856|56=Coinbase|\
            96=@SIGNATURE@|98=0|108=30|141=Y|554=uxu3qgheh0e|8013=Y|";
        const SIGNATURE: &str = "tlU8xh1DZD2sxGX5cv0iWDQew5hmVEUvWUuA7BFBd9o=";

        #[test]
        fn a_signature_that_python_made() {
            let secret = HmacSecret::parse(SECRET).unwrap();
            let good = FIELDS.replace("@SIGNATURE@", SIGNATURE);
            assert!(secret.signed(&logon(&message("FIX.4.2", &good))));
            for (from, to) in [
                ("34=1", "34=2"),
                ("49=b07", "49=c07"),
                ("45.856", "45.857"),
                ("56=Coinbase", "56=Coinbas"),
                ("554=uxu", "554=uxv"),
                ("96=", "96=A"),
            ] {
                assert!(!secret.signed(&logon(&message("FIX.4.2", &good.replacen(from, to, 1)))), "{to}");
            }
        }

        /// RFC 4231, test case 1.
        #[test]
        fn the_primitive_is_rfc_4231s() {
            let HmacSecret(key) = HmacSecret::parse(SECRET).unwrap();
            let tag = hmac::sign(&key, b"Hi There");
            assert_eq!(tag.as_ref()[..8], [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
        }
    }

    /// Through the texts that a configuration may have.
    #[test]
    fn a_key_is_read_from_pem_and_from_base64_with_and_without_its_frame() {
        let bytes: Vec<u8> = (0..32).collect();
        let framed = [&SPKI_PREFIX[..], &bytes].concat();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&framed));
        for text in [STANDARD.encode(&bytes), STANDARD.encode(&framed), pem] {
            assert_eq!(Ed25519Key::parse(&text).unwrap().0[..], bytes, "{text}");
        }
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----";
        assert_eq!(Ed25519Key::parse(private), Err(KeyError::Private));
        assert_eq!(Ed25519Key::parse("not base64!"), Err(KeyError::NotText));
        assert_eq!(Ed25519Key::parse(&STANDARD.encode([0; 31])), Err(KeyError::NotEd25519));
        assert_eq!(HmacSecret::parse("c2hvcnQ=").err(), Some(KeyError::Short));
        assert!(!format!("{:?}", HmacSecret::parse(&STANDARD.encode([7; 32]))).contains('7'));
    }
}
