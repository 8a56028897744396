"""Activities and files of IATI, as texts."""

HEAD = '<iati-activities version="2.03">'


def activity(identifier="XX-1-A", *, inside="", country="GE", title="A title", attributes=""):
    """One activity as text."""
    recipient = f'<recipient-country code="{country}"/>' if country else ""
    return (
        f'<iati-activity default-currency="EUR" xml:lang="en" {attributes}>'
        f"<iati-identifier>{identifier}</iati-identifier>"
        '<reporting-org ref="XX-1" type="10"><narrative>The reporter</narrative></reporting-org>'
        f"<title><narrative>{title}</narrative></title>{recipient}{inside}</iati-activity>"
    )


def commitment(value="100.50", ref="XX-FUND", *, currency="", name="A fund of its own"):
    provider = f'<provider-org ref="{ref}"><narrative>{name}</narrative></provider-org>' if ref else ""
    money = f'currency="{currency}"' if currency else ""
    return (
        '<transaction><transaction-type code="2"/><transaction-date iso-date="2020-01-01"/>'
        f'<value {money} value-date="2020-01-01">{value}</value>{provider}</transaction>'
    )


def file_of(*parts, head=HEAD):
    return f"{head}\n" + "\n".join(parts) + "\n</iati-activities>"


def org(role, ref="", name="", kind=""):
    attributes = "".join(f' {key}="{value}"' for key, value in (("ref", ref), ("type", kind)) if value)
    return f'<participating-org role="{role}"{attributes}><narrative>{name}</narrative></participating-org>'
