"""What users do with records: submit, review, publish, merge and restore, as far as their role allows.

It knows no page and no form.
"""
