"""The admin site: menus, refusals, and forms that survive the end of a session."""

from contextlib import nullcontext
from functools import partial, update_wrapper
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst

from ..models.fields import as_number
from ..store.build import parent_field
from ..store.database import register_lock
from ..workflow import permissions
from .login import OwnPasswordForm, SignInForm

NO_ROW = "{rows} have no list. They are edited in the form of their record, and its history shows deleted ones."


class CarefulAutocomplete(AutocompleteJsonView):
    def process_request(self, request):
        """Refuse relations that no form uses."""
        lookup = super().process_request(request)
        if not hasattr(lookup[2], "get_limit_choices_to"):
            raise PermissionDenied
        return lookup


class RegisterSite(AdminSite):
    """The project sets ``first_page(user)``, which returns its context; ``public_page(request, model, document,
    context)``; and ``menus``, ``(title, (model, …))`` each.
    """

    login_form = SignInForm

    def get_app_list(self, request, app_label=None):
        """Return the menus, arranged by topic instead of by app."""
        apps = self._build_app_dict(request).values()
        models = {each["model"]: each for app in apps for each in app["models"]}
        for model, each in models.items():
            each["name"] = self.get_model_admin(model).list_title or each["name"]
        menus = [
            {"name": title, "models": [models[model] for model in entries if model in models]}
            for title, entries in self.menus
        ]
        return [menu for menu in menus if menu["models"]]

    def app_index(self, request, app_label, extra_context=None):
        """Redirect: apps have no pages."""
        return redirect("admin:index")

    def get_urls(self):
        """Add addresses of rows that are edited in the form of their record."""
        urls = []
        for rows in {inline.model: None for model_admin in self._registry.values() for inline in model_admin.inlines}:
            start = f"{rows._meta.app_label}/{rows._meta.model_name}/"
            view, more = self.admin_view(self.row_view), {"rows": rows}
            urls += [path(start + rest, view, more, name="row") for rest in ("", "<path:rest>")]
        return urls + super().get_urls()

    def row_view(self, request, rows, rest=""):
        """Redirect from the address of a row to the form of its record."""
        permissions.require(request.user, "view")
        column = parent_field(rows)
        row = rows.objects.filter(pk=as_number(rest.partition("/")[0])).first()
        record = row and getattr(row, column.name if column else "record")
        if not record:
            messages.warning(request, NO_ROW.format(rows=capfirst(rows._meta.verbose_name_plural)))
            return redirect(address(column.related_model) if column else "admin:index")
        siblings = rows.objects.filter(**{column.name: record}) if column else record.claims.all()
        forms = self.get_model_admin(type(record)).get_formsets_with_inlines(request, record)
        [prefix] = [formset.get_default_prefix() for formset, inline in forms if inline.model is rows]
        return redirect(f"{address(type(record), 'change', record.pk)}#{prefix}-{list(siblings).index(row)}")

    def has_permission(self, request):
        return permissions.is_staff(request.user)

    def index(self, request, extra_context=None):
        """Django's first page with our context."""
        return super().index(request, self.first_page(request.user) | (extra_context or {}))

    def autocomplete_view(self, request):
        return CarefulAutocomplete.as_view(admin_site=self)(request)

    def admin_view(self, view, cacheable=False):
        """As Django's, but a form submitted without a session is not lost.

        The session of a disabled or deleted account ends. If the admin ``locks_register``, POST requests hold the lock,
        so that two administrators cannot remove each other at once.
        """
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if not request.user.is_authenticated and SESSION_KEY in request.session:
                request.session.flush()
            if request.path == reverse("admin:logout"):
                return view(request, *args, **kwargs)  # also without a role
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(permissions.NO_ROLE)
            if not self.has_permission(request) and (page := self.form_to_resend(request)):
                return page
            waits = request.method == "POST" and getattr(inner.model_admin, "locks_register", False)
            try:
                with register_lock() if waits else nullcontext():
                    return guarded(request, *args, **kwargs)
            except OverflowError as error:
                raise BadRequest("A number in this request is too large.") from error

        inner.model_admin = getattr(view, "__self__", None)
        return update_wrapper(inner, guarded)

    def form_to_resend(self, request):
        """Return a page that keeps a form submitted without a session or with an old CSRF token; None if it is not
        kept.

        It leads back to the form; nothing is saved until the user saves it there.
        """
        match = request.resolver_match
        name = match.url_name if match and request.method == "POST" else None  # an address that there is not has none
        is_form = name and name.endswith(("_add", "_change"))
        if not is_form or not getattr(getattr(match.func, "model_admin", None), "keeps_typed", False):
            return None
        typed = request.POST.copy()
        if "_typed" in typed:  # from a page to confirm
            typed, reason = QueryDict(typed["_typed"], mutable=True), typed.get("reason")
            if reason:
                typed["reason"] = reason
        typed.pop("csrfmiddlewaretoken", None)
        title = "You signed in again" if self.has_permission(request) else "Your session ended"
        context = self.each_context(request) | {"title": title, "typed": typed.urlencode()}
        return TemplateResponse(request, "admin/session_ended.html", context)

    def logout(self, request, extra_context=None):
        """Sign out by POST; redirect GET to the first page."""
        is_form = request.method not in ("GET", "HEAD")
        return super().logout(request, extra_context) if is_form else redirect("admin:index")

    def password_change(self, request, extra_context=None):
        """Django's page; the old password counts as a sign-in attempt."""
        page = PasswordChangeView.as_view(
            form_class=partial(OwnPasswordForm, request),
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return page(request)


def address(model, page="changelist", *keys, **query):
    """Return the URL of an admin page of ``model``."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(key) for key in keys]) + (f"?{urlencode(query)}" if query else "")
