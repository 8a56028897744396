"""The state of the register: rules of quality, records that look alike, and merging. Nothing is changed unasked."""
