"""The admin's site: its menus, its refusals, and forms kept while their user signs in again."""

from functools import partial, update_wrapper
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import Resolver404, path, resolve, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.debug import sensitive_post_parameters

from . import access
from .parts import part_field
from .signing_in import OwnPasswordForm, SignInForm

MOST_DIGITS = 19  # of a number that the database has
KEPT, WHERE = "_typed", "_where"  # the form as one text, and its address
ENDED = "Your session ended. Sign in again, and the form comes back as you typed it. Nothing was saved yet."
AGAIN = "You are signed in again. Nothing was saved yet: look at the form and save it."
IN_THEIR_RECORD = "{rows} have no list of their own: each is edited in the form of its record."
GONE = "This {row} is not there any more. The history of its record tells what became of it."
REFUSED_TITLES = {400: "This was not understood", 403: "You may not do this", 404: "Page not found"}
OLD = "You signed in anew since you opened the form. Nothing was saved yet: look at the form and save it."


class CarefulAutocomplete(AutocompleteJsonView):
    def process_request(self, request):
        """Refuse relations that no form chooses by."""
        found = super().process_request(request)
        if not hasattr(found[2], "get_limit_choices_to"):
            raise PermissionDenied
        return found


class RegisterSite(AdminSite):
    login_form = SignInForm
    # The app above says both: what the first page shows to a user, and ``(title, (model or (model, name), …))``.
    first_page = staticmethod(lambda user: {})
    menus: tuple = ()

    def get_app_list(self, request, app_label=None):
        """Return the menus: what there is by what people look for, not by app."""
        found = self._build_app_dict(request).values()
        known = {each["model"]: each for app in found for each in app["models"]}
        menus = [
            {"name": title, "models": [known[model] | name for model, name in map(_named, models) if model in known]}
            for title, models in self.menus
        ]
        return [menu for menu in menus if menu["models"]]

    def name_of(self, model):
        """Return the name of a list, as the menus have it."""
        named = dict(_named(entry) for _, entries in self.menus for entry in entries)
        return named.get(model, {}).get("name") or str(capfirst(model._meta.verbose_name_plural))

    def app_index(self, request, app_label, extra_context=None):
        """Apps are nothing to look for: their pages lead to the first one."""
        return HttpResponseRedirect(self._first())

    def get_urls(self):
        """Django's, and the addresses that rows had before they were edited in the form of their record alone."""
        urls = []
        for rows in self._rows():
            start = f"{rows._meta.app_label}/{rows._meta.model_name}/"
            view, more = self.admin_view(self.row_view), {"rows": rows}
            urls += [path(start + rest, view, more, name="row") for rest in ("", "<path:rest>")]
        return urls + super().get_urls()

    def row_view(self, request, rows, rest=""):
        """Lead from an address of a row to the form of its record."""
        access.demand(request.user, "view")
        number, column = rest.partition("/")[0], part_field(rows)
        is_number = number.isascii() and number.isdecimal() and len(number) < MOST_DIGITS
        row = rows.objects.filter(pk=number).first() if is_number else None
        record = row and getattr(row, column.name if column else "record")
        if record:
            return HttpResponseRedirect(self._page_of(type(record), "change", record.pk))
        words = GONE if is_number else IN_THEIR_RECORD
        words = words.format(row=rows._meta.verbose_name, rows=capfirst(rows._meta.verbose_name_plural))
        messages.warning(request, words)
        return HttpResponseRedirect(self._page_of(column.related_model, "changelist") if column else self._first())

    def _first(self):
        return reverse("admin:index")

    def _rows(self):
        """Return the models of rows that are edited in the form of a record."""
        return {inline.model: None for model_admin in self._registry.values() for inline in model_admin.inlines}

    def _page_of(self, model, page, *keys):
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[quote(k) for k in keys])

    def why_refused(self, request):
        """Return in words why a page of the admin was refused to whoever asks; empty: nothing is known of it."""
        found = request.resolver_match
        for model, model_admin in self._registry.items():
            start = f"{model._meta.app_label}_{model._meta.model_name}_"
            if found and (found.url_name or "").startswith(start) and hasattr(model_admin, "why_refused"):
                page, key = found.url_name.removeprefix(start), found.kwargs.get("object_id")
                return model_admin.why_refused(request, page, key)
        return ""

    def frames(self, request, status):
        """Whether a refusal keeps the menu: on pages of the admin, for whoever is signed in, if the fault is theirs."""
        is_here = request.path_info.startswith(self._first())
        return is_here and status < 500 and hasattr(request, "user") and request.user.is_authenticated

    def refused_context(self, request, status):
        """Return what ``admin/error.html`` shows besides what was wrong."""
        return self.each_context(request) | ({"title": REFUSED_TITLES[status]} if status in REFUSED_TITLES else {})

    def has_permission(self, request):
        return access.is_staff(request.user)

    def index(self, request, extra_context=None):
        """Django's first page with ours on top."""
        return super().index(request, self.first_page(request.user) | (extra_context or {}))

    def autocomplete_view(self, request):
        return CarefulAutocomplete.as_view(admin_site=self)(request)

    def admin_view(self, view, cacheable=False):
        """As Django's; of a form that comes without a session, nothing that was typed is lost.

        The session of an account that is disabled or gone ends, and does not come back with the account.
        """
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if not request.user.is_authenticated and SESSION_KEY in request.session:
                request.session.flush()
            if request.path == reverse("admin:logout"):
                return view(request, *args, **kwargs)  # also for whoever lost their role
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if request.method == "POST" and not self.has_permission(request) and self._keeps(request.path_info):
                return self._ask(request, SignInForm(request), _typed(request), request.get_full_path())
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    @method_decorator(sensitive_post_parameters())
    def login(self, request, extra_context=None):
        """Sign in; whoever was asked to in the middle of a form sees that form again, with their own rights."""
        where = request.POST.get(WHERE, "")
        if request.method != "POST" or not self._keeps(where.partition("?")[0]):
            response = super().login(request, extra_context)
            is_in = response.status_code == HTTPStatus.FOUND
            return HttpResponseRedirect(self._onward(response.url)) if is_in else response
        return self._login_again(request, where)

    def _onward(self, address):
        """Return ``address``, to which a sign-in leads, if that is a page of the admin to be on; else the first one."""
        try:
            found = resolve(urlsplit(address).path.rstrip("/") + "/")
        except Resolver404:
            return self._first()
        is_page = found.app_name == "admin" and found.url_name not in (None, "login", "logout")
        return address if is_page else self._first()

    def logout(self, request, extra_context=None):
        """Sign out, by a form; whoever opens the address as a page is led to the first one."""
        is_form = request.method not in ("GET", "HEAD")
        return super().logout(request, extra_context) if is_form else HttpResponseRedirect(self._first())

    def password_change(self, request, extra_context=None):
        """Django's page, with the old password judged as that of somebody who signs in."""
        page = PasswordChangeView.as_view(
            form_class=partial(OwnPasswordForm, request),
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return page(request)

    def given_back(self, request):
        """Return the page that gives back a form whose token is not that of the session any more; None: not kept.

        Nothing is saved by it: a person has to look at the form, and to send it again with the token of their session.
        """
        is_login = request.path == reverse("admin:login")
        where = request.POST.get(WHERE, "") if is_login else request.get_full_path()
        if request.method != "POST" or not self._keeps(where.partition("?")[0]):
            return None
        if self.has_permission(request):
            return self._show(request, _typed(request), where, OLD)
        return self._ask(request, SignInForm(request), _typed(request), where)

    def _login_again(self, request, where):
        form = SignInForm(request, data=request.POST)
        if not form.is_valid():
            return self._ask(request, form, request.POST.get(KEPT, ""), where)
        login(request, form.get_user())
        return self._show(request, request.POST.get(KEPT, ""), where)

    def _ask(self, request, form, typed, where):
        context = {
            **self.each_context(request),
            "title": "Sign in again",
            "form": form,
            "ended": ENDED,
            "typed": typed,
            "where": where,
            "app_path": reverse("admin:login"),
        }
        return TemplateResponse(request, "admin/login_again.html", context)

    def _show(self, request, typed, where, words=AGAIN):
        """Return a page that leads back to the form: sent from there, it is shown filled, and not saved."""
        context = {**self.each_context(request), "title": "Signed in", "words": words, "typed": typed, "where": where}
        return TemplateResponse(request, "admin/signed_in.html", context)

    def _keeps(self, path):
        """Whether ``path`` is that of a form which is kept: those of records and their parts, never of passwords."""
        try:
            name = resolve(path).view_name
        except Resolver404:
            return False
        kept = [model for model, model_admin in self._registry.items() if getattr(model_admin, "keeps_typed", False)]
        names = [f"{self.name}:{model._meta.app_label}_{model._meta.model_name}" for model in kept]
        return any(name in (f"{one}_add", f"{one}_change") for one in names)


def _named(entry):
    """Return the model of an entry of a menu, and the name that it has there if it is no usual one."""
    model, name = entry if isinstance(entry, tuple) else (entry, "")
    return model, {"name": name} if name else {}


def _typed(request):
    """Return what was typed as one text, without the token that goes with the session."""
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    return data.pop(KEPT)[0] if KEPT in data else data.urlencode()
