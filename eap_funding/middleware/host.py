"""One spelling of the host's name, for all that compares or repeats it: links, redirects, ETags, kept pages."""

from django.http.request import split_domain_port


def spell_host(get_response):
    """Make ``EXAMPLE.org``, ``example.org.`` and ``example.org:443`` one host; what is no name is refused elsewhere."""

    def middleware(request):
        domain, port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if domain:
            port, usual = port.lstrip("0"), "443" if request.is_secure() else "80"
            request.META["HTTP_HOST"] = domain if port in ("", usual) else f"{domain}:{port}"
        return get_response(request)

    return middleware
