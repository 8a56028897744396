"""Users and roles, for administrators (one must remain), and the audit log of changes to them."""

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.utils.safestring import mark_safe

from provenance.models import AuditEntry
from provenance.site.login import end_sessions
from provenance.store import audit
from provenance.workflow import permissions

from .base import OF_ADMINISTRATORS, CarefulAdmin

CHANGED = (
    "Somebody else has changed this since you opened it. Nothing was saved. Save again to replace the current values:"
)
SUPERUSERS = "Only a superuser may change or delete a superuser, or set their password."
LAST = "This is the last administrator. Make somebody else an administrator first."
ROLES = mark_safe(
    "Viewer: reads drafts and history.<br>"
    "Editor: also adds and changes drafts, proposes changes to published records, and uploads files.<br>"
    "Publisher: also changes published records, publishes, withdraws, merges, and decides on proposals.<br>"
    "Administrator: reads everything and manages users, delegations and failed sign-ins; edits no records."
)


class AuditedAdmin(CarefulAdmin):
    """An admin whose additions, changes and deletions are entries of the audit log.

    ``standing(row)`` returns which rights a row gives, in words, without names of people.
    """

    def note(self, request, deed, rows):
        for row in rows:
            standing = "" if deed == "deleted" else f": {self.standing(row)}"
            words = f"{deed} {self.opts.verbose_name}{standing}"
            audit.note(request.user, words[:200], f"{self.opts.verbose_name} {row.pk}")

    def log_addition(self, request, obj, message):
        self.note(request, "added", [obj])
        super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self.note(request, "changed", [obj] if message else [])  # no message: nothing was changed
        super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        self.note(request, "deleted", queryset)
        super().log_deletions(request, queryset)


@admin.register(AuditEntry)
class AuditEntryAdmin(CarefulAdmin):
    list_display = fields = readonly_fields = ("at", "account", "deed", "about", "digest")
    list_display_links = None
    search_fields = ("deed", "about")
    actions = None
    needs = {"view": ("administer",)}

    list_title = "Audit log"

    @property
    def search_help_text(self):
        """The head of the log. Compared with an older one, it reveals entries cut off since."""
        return f"Head, for check_register --audit-head: {audit.head()}"


def leaves_nobody(users):
    """Whether without ``users`` there would be no administrator left."""
    able = permissions.administrators()
    return able.filter(pk__in=users).exists() and not able.exclude(pk__in=users).exists()


class SeenForm(forms.ModelForm):
    """A form that is refused once if the row changed since it was opened; for models without Revisions."""

    seen = forms.JSONField(label="", required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        names = [name for name in self.fields if name not in ("seen", "password", "last_login")]
        self.initial["seen"] = {name: _as_text(self.initial.get(name)) for name in names}

    def clean(self):
        """ValidationError with the current values if they changed; submitting again replaces them."""
        cleaned, stands = super().clean(), self.initial["seen"]
        seen = cleaned.get("seen") if isinstance(cleaned.get("seen"), dict) else {}
        changed = [name for name, words in stands.items() if seen.get(name) != words]
        if changed and not self.instance._state.adding:
            self.data = self.data.copy()
            self.data["seen"] = self.fields["seen"].prepare_value(stands)
            current = [f"{self.fields[name].label}: {stands[name] or 'nothing'}." for name in changed]
            raise forms.ValidationError([CHANGED, *current])
        return cleaned


def _as_text(value):
    """Return an initial value as text, the same for equal values."""
    if isinstance(value, (list, QuerySet)):
        return ", ".join(sorted(map(str, value)))
    return {None: "", True: "yes", False: "no"}.get(value, str(value))


class UserForm(SeenForm, UserChangeForm):
    def clean_username(self):
        """ValidationError if another user has this name in any case, as when a user is added."""
        name = self.cleaned_data["username"]
        if User.objects.exclude(pk=self.instance.pk).filter(username__iexact=name).exists():
            raise forms.ValidationError(User._meta.get_field("username").error_messages["unique"])
        return name

    def clean(self):
        """ValidationError if the last administrator would lose their rights."""
        cleaned = super().clean()
        is_active, is_superuser = (
            self.cleaned_data.get(name, getattr(self.instance, name)) for name in ("is_active", "is_superuser")
        )
        has_role = is_superuser or any(group.name == permissions.ADMINISTRATOR for group in cleaned.get("groups", ()))
        if not (is_active and has_role) and leaves_nobody([self.instance.pk]):
            raise forms.ValidationError(LAST)
        return cleaned


admin.site.unregister([User, Group])
Group._meta.verbose_name = "role"  # as filters call it


@admin.register(User)
class UserAdmin(AuditedAdmin, auth_admin.UserAdmin):
    form = UserForm
    add_form = UserCreationForm  # without Django's choice to do without a password
    add_form_template = None
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "groups")}),)
    locks_register = True
    needs = OF_ADMINISTRATORS
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "first_name", "last_name", "its_roles", "is_active", "is_superuser")
    list_prefetch = ("groups",)
    list_filter = ("is_active", "is_superuser", "groups")

    def standing(self, user):
        """Return the roles of ``user`` as saved."""
        user = User.objects.get(pk=user.pk)
        roles = ["superuser"] * user.is_superuser + [self.its_roles(user)] + ["disabled"] * (not user.is_active)
        return ", ".join(filter(None, roles)) or "no role"

    @admin.display(description="roles")
    def its_roles(self, user):
        return ", ".join(sorted(group.name for group in user.groups.all()))

    def formfield_for_manytomany(self, db_field, request, **options):
        """Say beside the roles what each may do; a new user needs one."""
        if db_field.name == "groups":
            options |= {"label": "Roles", "help_text": ROLES, "widget": forms.CheckboxSelectMultiple}
            options["required"] = "object_id" not in request.resolver_match.kwargs
        return super().formfield_for_manytomany(db_field, request, **options)

    def get_fieldsets(self, request, obj=None):
        """Leave out Django's permissions; only superusers make superusers."""
        fieldsets = super().get_fieldsets(request, obj)
        rights = ["is_active", *(["is_superuser"] if request.user.is_superuser else []), "groups"]
        rights += ["seen"] if self.has_change_permission(request, obj) else []
        return [
            (title, {**options, "fields": rights} if "is_staff" in options["fields"] else options)
            for title, options in fieldsets
        ]

    def has_change_permission(self, request, obj=None):
        """Only superusers change superusers."""
        is_allowed = super().has_change_permission(request, obj)
        if is_allowed and obj is not None and obj.is_superuser and not request.user.is_superuser:
            request.why_refused = lambda: SUPERUSERS
            return False
        return is_allowed

    has_delete_permission = has_change_permission

    def save_related(self, request, form, formsets, change):
        """Make users with a role staff, and end the sessions of disabled ones."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        has_role = user.is_superuser or user.groups.filter(name__in=permissions.ROLES).exists()
        User.objects.filter(pk=user.pk).update(is_staff=has_role)
        if not user.is_active:
            end_sessions(user)

    def get_deleted_objects(self, objs, request):
        deleted = super().get_deleted_objects(objs, request)
        return (*deleted[:3], [LAST]) if leaves_nobody([user.pk for user in objs]) else deleted
