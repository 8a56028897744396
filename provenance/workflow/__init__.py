"""What users do with records: submit, review, publish and merge, as far as their role allows. It knows no page."""
