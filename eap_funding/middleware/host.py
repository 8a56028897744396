"""One spelling of the host name, for links, redirects, ETags and cached pages."""

from django.http.request import split_domain_port


def normalise_host(get_response):
    """Make ``EXAMPLE.org``, ``example.org.`` and ``example.org:443`` one host. Django refuses invalid names."""

    def middleware(request):
        domain, port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if domain:
            port, default = port.lstrip("0"), "443" if request.is_secure() else "80"
            request.META["HTTP_HOST"] = domain if port in ("", default) else f"{domain}:{port}"
        return get_response(request)

    return middleware
