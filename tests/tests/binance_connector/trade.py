"""A trader who uses Binance's own FIX connector as its README does, and tells what came back, a JSON object a line.

usage: trade.py ENDPOINT API_KEY PRIVATE_KEY_PEM
The venue's certificate is trusted by SSL_CERT_FILE, OpenSSL's own variable: the connector is unmodified.
"""

import json
import logging
import sys

from binance_fix_connector.fix_connector import create_order_entry_session
from binance_fix_connector.utils import get_private_key

TAGS = (35, 11, 41, 37, 150, 39, 54, 38, 40, 44, 59, 55, 14, 151, 31, 32, 103, 112, 371, 373, 58, 108)
PATIENCE_S = 60


def tell(step, messages):
    for message in messages:
        fields = {str(tag): message.get(tag).decode() for tag in TAGS if message.get(tag)}
        print(json.dumps({"step": step, "fields": fields}), flush=True)


def order(session, step, cl_ord_id, fields, until):
    """Sends a NewOrderSingle, or with "41" an OrderCancelRequest, and waits for a report whose `until` holds."""
    message = session.create_fix_message_with_basic_header("F" if 41 in fields else "D")
    message.append_pair(11, cl_ord_id)
    for tag, value in fields.items():
        message.append_pair(tag, value)
    session.send_message(message)
    received = []
    while not any(until(answer) for answer in received):
        came = session.retrieve_messages_until(message_type=["8", "9", "3", "j"], timeout_seconds=PATIENCE_S)
        if not came:
            sys.exit(f"{step}: no answer")
        received += came
    tell(step, received)


def is_(tag, value):
    return lambda message: message.get(tag) == value.encode()


def main():
    endpoint, api_key, private_key = sys.argv[1:]
    session = create_order_entry_session(api_key, get_private_key(private_key), endpoint=endpoint)
    # Its log is for people; what it has received is told here.
    session.logger.setLevel(logging.CRITICAL)
    tell("logon", session.retrieve_messages_until(message_type=["A"], timeout_seconds=PATIENCE_S))

    limit = {38: "0.5", 40: 2, 44: 40000, 54: 1, 55: "BTCUSDT", 59: 1}
    order(session, "placed", "py-1", limit, is_(150, "0"))
    order(session, "canceled", "py-2", {41: "py-1", 55: "BTCUSDT"}, is_(150, "4"))
    ioc = {38: "0.25", 40: 2, 44: 50000, 54: 1, 55: "BTCUSDT", 59: 3, 25001: 2}
    order(session, "traded", "py-3", ioc, is_(150, "F"))
    order(session, "unknown symbol", "py-4", {**limit, 55: "NOSUCH"}, is_(150, "8"))
    order(session, "cancel of nothing", "py-5", {41: "py-99", 55: "BTCUSDT"}, is_(35, "9"))
    stop = {38: "0.5", 40: 4, 44: 61000, 54: 1, 55: "BTCUSDT", 59: 1}
    stop |= {1100: 4, 1101: 1, 1102: 60000, 1107: 2}
    order(session, "stop placed", "py-6", {**stop, 1109: "U"}, is_(150, "0"))
    order(session, "take profit", "py-7", {**stop, 1109: "D"}, is_(35, "3"))

    session.test_request("are-you-there")
    tell("heartbeat", session.retrieve_messages_until(message_type=["0"], timeout_seconds=PATIENCE_S))
    session.logout()
    tell("logout", session.retrieve_messages_until(message_type=["5"], timeout_seconds=PATIENCE_S))
    session.disconnect()


main()
