"""The models of imports, whose tables ``projects.0012_imports_leave`` hands over as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0012_imports_leave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('table', 'Table'), ('iati', 'IATI activities')], max_length=10)),
                ('file_name', models.CharField(help_text='As it was given; shown, and never a path.', max_length=255, verbose_name='file')),
                ('digest', models.CharField(help_text='SHA-256 of the file.', max_length=64)),
                ('size', models.PositiveBigIntegerField(help_text='In bytes.')),
                ('user_name', models.CharField(max_length=150, verbose_name='who')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('options', models.JSONField(blank=True, default=dict)),
                ('about', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('reading', 'Being read'), ('read', 'Waits for a decision'), ('importing', 'Being imported'), ('done', 'Done'), ('failed', 'Refused'), ('dropped', 'Dropped')], default='uploaded', max_length=10)),
                ('note', models.TextField(blank=True)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=300)),
                ('place', models.CharField(blank=True, max_length=300)),
                ('verdict', models.CharField(choices=[('new', 'New'), ('changed', 'Changed'), ('proposed', 'Proposed'), ('same', 'Same'), ('vanished', 'Vanished'), ('refused', 'Refused')], max_length=10)),
                ('changes', models.JSONField(blank=True, default=list)),
                ('faults', models.JSONField(blank=True, default=list)),
                ('notes', models.JSONField(blank=True, default=list)),
                ('numbers', models.JSONField(blank=True, default=list)),
                ('document', models.TextField(blank=True)),
                ('base', models.PositiveBigIntegerField(null=True)),
                ('identifier', models.CharField(blank=True, max_length=300)),
                ('original', models.TextField(blank=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='imports.import', verbose_name='import')),
            ],
            options={
                'ordering': ['batch', 'number'],
                'indexes': [models.Index(fields=['batch', 'verdict', 'number'], name='import_item_by_verdict')],
                'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='import_item_once', violation_error_message='An import numbers its items once.')],
            },
        ),
    ])]
