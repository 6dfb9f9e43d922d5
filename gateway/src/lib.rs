//! Order gateways: transports, sessions, routing to the rings.
