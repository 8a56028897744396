"""Who may sign in, as Django's own admin has it, behind the same care about addresses."""

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User

from .lists import CarefulAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(CarefulAdmin, auth_admin.UserAdmin):
    pass


@admin.register(Group)
class GroupAdmin(CarefulAdmin, auth_admin.GroupAdmin):
    pass
