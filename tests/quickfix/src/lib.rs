//! Interop tests against the QuickFIX C++ engine.
