"""The state of the register: rules of quality, records that look alike, and merging them. Nothing is changed unasked."""
