"""The admin's site: its menus, its refusals, and forms that outlive the session of who typed them."""

from contextlib import nullcontext
from functools import partial, update_wrapper
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst

from ..store.build import parent_field
from ..store.lock import register_lock
from ..workflow import permissions
from .login import OwnPasswordForm, SignInForm

MOST_DIGITS = 19  # of a number that the database has
NO_ROW = "{rows} have no list: each is edited in the form of its record, whose history tells of those that are gone."
REFUSED_TITLES = {400: "This was not understood", 403: "You may not do this", 404: "Page not found"}


class CarefulAutocomplete(AutocompleteJsonView):
    def process_request(self, request):
        """Refuse relations that no form chooses by."""
        found = super().process_request(request)
        if not hasattr(found[2], "get_limit_choices_to"):
            raise PermissionDenied
        return found


class RegisterSite(AdminSite):
    login_form = SignInForm
    # The app above says what the first page shows to a user, how readers see a document, given (request, model,
    # document, context), and ``(title, (model or (model, name), …))``.
    first_page = staticmethod(lambda user: {})
    public_page = staticmethod(lambda *told: None)
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
        return redirect("admin:index")

    def get_urls(self):
        """Django's, and the addresses that rows had before they were edited in the form of their record alone."""
        urls = []
        for rows in {inline.model: None for model_admin in self._registry.values() for inline in model_admin.inlines}:
            start = f"{rows._meta.app_label}/{rows._meta.model_name}/"
            view, more = self.admin_view(self.row_view), {"rows": rows}
            urls += [path(start + rest, view, more, name="row") for rest in ("", "<path:rest>")]
        return urls + super().get_urls()

    def row_view(self, request, rows, rest=""):
        """Lead from an address of a row to where it stands in the form of its record."""
        permissions.require(request.user, "view")
        number, column = rest.partition("/")[0], parent_field(rows)
        is_number = number.isascii() and number.isdecimal() and len(number) < MOST_DIGITS
        row = rows.objects.filter(pk=number).first() if is_number else None
        record = row and getattr(row, column.name if column else "record")
        if not record:
            messages.warning(request, NO_ROW.format(rows=capfirst(rows._meta.verbose_name_plural)))
            return redirect(address(column.related_model) if column else "admin:index")
        siblings = rows.objects.filter(**{column.name: record}) if column else record.claims.all()
        forms = self.get_model_admin(type(record)).get_formsets_with_inlines(request, record)
        [prefix] = [formset.get_default_prefix() for formset, inline in forms if inline.model is rows]
        return redirect(f"{address(type(record), 'change', record.pk)}#{prefix}-{list(siblings).index(row)}")

    def why_refused(self, request):
        """Return in words why a page of the admin was refused to whoever asks; empty: nothing is known of it."""
        model_admin, page = _page_asked_for(request)
        if not hasattr(model_admin, "why_refused"):
            return ""
        return model_admin.why_refused(request, page, request.resolver_match.kwargs.get("object_id"))

    def frames(self, request, status):
        """Whether a refusal keeps the menu: on pages of the admin, for whoever is signed in, if the fault is theirs."""
        is_here = request.path_info.startswith(reverse("admin:index"))
        return is_here and status < 500 and hasattr(request, "user") and request.user.is_authenticated

    def refused_context(self, request, status):
        """Return what ``admin/error.html`` shows besides what was wrong."""
        return self.each_context(request) | ({"title": REFUSED_TITLES[status]} if status in REFUSED_TITLES else {})

    def has_permission(self, request):
        return permissions.is_staff(request.user)

    def index(self, request, extra_context=None):
        """Django's first page with ours on top."""
        return super().index(request, self.first_page(request.user) | (extra_context or {}))

    def autocomplete_view(self, request):
        return CarefulAutocomplete.as_view(admin_site=self)(request)

    def admin_view(self, view, cacheable=False):
        """As Django's; of a form that comes without a session, nothing that was typed is lost.

        The session of an account that is disabled or gone ends, and does not come back with the account. What is sent
        to an admin that is ``locks_register`` waits for others: two who take rights from each other at once see it.
        """
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if not request.user.is_authenticated and SESSION_KEY in request.session:
                request.session.flush()
            if request.path == reverse("admin:logout"):
                return view(request, *args, **kwargs)  # also for whoever lost their role
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if not self.has_permission(request) and (page := self.given_back(request)):
                return page
            waits = request.method == "POST" and getattr(inner.model_admin, "locks_register", False)
            with register_lock() if waits else nullcontext():
                return guarded(request, *args, **kwargs)

        inner.model_admin = getattr(view, "__self__", None)
        return update_wrapper(inner, guarded)

    def given_back(self, request):
        """Return a page that carries what was typed in a form sent without a session, or with the token of an old one.

        It leads on to the form, where nothing is saved before its person looked at it. None: this form is not kept.
        """
        model_admin, page = _page_asked_for(request)
        if request.method != "POST" or page not in ("add", "change") or not getattr(model_admin, "keeps_typed", False):
            return None
        typed = request.POST.copy()
        if "_typed" in typed:  # sent from a page between the form and its saving
            typed, reason = QueryDict(typed["_typed"], mutable=True), typed.get("reason")
            if reason:
                typed["reason"] = reason
        typed.pop("csrfmiddlewaretoken", None)
        title = "You signed in anew" if self.has_permission(request) else "Your session ended"
        context = self.each_context(request) | {"title": title, "typed": typed.urlencode()}
        return TemplateResponse(request, "admin/session_ended.html", context)

    def logout(self, request, extra_context=None):
        """Sign out, by a form; whoever opens the address as a page is led to the first one."""
        is_form = request.method not in ("GET", "HEAD")
        return super().logout(request, extra_context) if is_form else redirect("admin:index")

    def password_change(self, request, extra_context=None):
        """Django's page, with the old password judged as that of somebody who signs in."""
        page = PasswordChangeView.as_view(
            form_class=partial(OwnPasswordForm, request),
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return page(request)


def address(model, page="changelist", *keys, **query):
    """Return the address of a page of the admin about ``model``."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(key) for key in keys]) + (f"?{urlencode(query)}" if query else "")


def _named(entry):
    """Return the model of an entry of a menu, and the name that it has there if it is no usual one."""
    model, name = entry if isinstance(entry, tuple) else (entry, "")
    return model, {"name": name} if name else {}


def _page_asked_for(request):
    """Return the ModelAdmin whose page was asked for, and which page, as "change"; (None, "") if it is nobody's."""
    found = request.resolver_match
    model_admin = getattr(found.func, "model_admin", None) if found else None
    if not hasattr(model_admin, "opts"):  # a page of the site itself
        return None, ""
    return model_admin, found.url_name.removeprefix(f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_")
