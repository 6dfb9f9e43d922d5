//! What the end-to-end tests share: starting a venue, finding its ports, talking FIX to it.
