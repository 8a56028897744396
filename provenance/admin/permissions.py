"""The admin's permissions, from the table in ``workflow/permissions.py`` and not Django's own."""

from functools import partialmethod

from django.contrib.admin.utils import unquote

from provenance.models import Record
from provenance.workflow import permissions

NOT_BY_HAND = "The register creates its {kinds} itself. Nobody can add, change or delete one."
PAGES = {"changelist": "view", "history": "view", "password_change": "change"}
DJANGOS = ("add", "change", "delete")  # pages of Django; sending a form on any of ours changes something

# {page: actions, one of which is required}.
READ = {"view": ("view",)}
OF_RECORDS = READ | {"change": ("change", "propose")}
OF_RECORDS |= {action: (action,) for action in ("add", "delete", "publish", "withdraw", "merge")}
OF_ADMINISTRATORS = dict.fromkeys(("view", "add", "change", "delete"), ("administer",))


class PermitMixin:
    """Permissions by ``needs``; by default, everybody with a role may view and nobody may change."""

    needs: dict[str, tuple[str, ...]] = READ

    def has_view_permission(self, request, obj=None):
        return permissions.may(request.user, *self.needs["view"])

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def _may(self, page, request, obj=None):
        return any(self.permits(request, action, obj) for action in self.needs.get(page, ()))

    has_add_permission, has_change_permission = partialmethod(_may, "add"), partialmethod(_may, "change")
    has_delete_permission, has_publish_permission = partialmethod(_may, "delete"), partialmethod(_may, "publish")
    has_withdraw_permission, has_merge_permission = partialmethod(_may, "withdraw"), partialmethod(_may, "merge")

    def permits(self, request, action, obj=None):
        """Whether the user may do ``action`` on the record ``obj``, or on any without one.

        Cached for the request: the answer does not follow changes made by it.
        """
        if not isinstance(obj, Record) or obj._state.adding:
            return permissions.may(request.user, action)
        cached = request.__dict__.setdefault("_permits", {})
        if (action, obj) not in cached:
            cached[action, obj] = permissions.may(request.user, action, obj)
        return cached[action, obj]

    def why_refused(self, request, page, object_id=None):
        """Return why ``page`` of this admin was refused to the user."""
        is_read = page in ("change", "text", "edition") and request.method != "POST"
        needed = self.needs.get("view" if is_read else PAGES.get(page, page if page in DJANGOS else "change"))
        if not needed:
            return NOT_BY_HAND.format(kinds=self.opts.verbose_name_plural)
        sees = object_id and issubclass(self.model, Record) and self.has_view_permission(request)
        record = self.get_object(request, unquote(object_id)) if sees else None
        return self.why_not_own(request, needed, record) or permissions.refusal(request.user, needed[0], record)

    def why_not_own(self, request, needed, record):
        """Return why the user may not do any of ``needed`` on ``record``; empty if their role only reads."""
        actions = [
            action for action in needed if record and record.state in permissions.states_for(request.user, action)
        ]
        return permissions.refusal(request.user, actions[-1], record) if actions else ""

    def changelist_view(self, request, extra_context=None):
        """Refuse actions that the list does not offer."""
        requested = set(request.POST.getlist("action")) if request.method == "POST" else set()
        existing = {name for _, name, _ in self._get_base_actions()}
        if refused := (requested & existing) - self.get_actions(request).keys():
            action = min(refused)
            why = permissions.refusal(request.user, action.partition("_")[0])  # delete_selected, merge_two
            permissions.refuse(request.user, action, self.opts.model_name, why)
        return super().changelist_view(request, extra_context)
