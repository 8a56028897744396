"""The admin's site: a form that its session does not cover any more is kept while its user signs in again."""

from functools import partial, update_wrapper

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from . import access
from .signing_in import OwnPasswordForm, SignInForm

KEPT, WHERE = "_typed", "_where"  # the form as one text, and its address
ENDED = "Your session ended. Sign in again, and the form comes back as you typed it. Nothing was saved yet."
AGAIN = "You are signed in again. Nothing was saved yet: look at the form and save it."
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
    first_page = staticmethod(lambda user: {})  # what the first page shows to a user: the app above says it

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
            return super().login(request, extra_context)
        return self._login_again(request, where)

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


def _typed(request):
    """Return what was typed as one text, without the token that goes with the session."""
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    return data.pop(KEPT)[0] if KEPT in data else data.urlencode()
