"""A file that is being sent is written aside by Django; where the disk is full, the page says so."""

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler


class CarefulUpload(TemporaryFileUploadHandler):
    """Leaves out a file that cannot be written aside, and keeps the reason as ``request.upload_fault``."""

    def new_file(self, *arguments, **named):
        self._try(super().new_file, *arguments, **named)

    def receive_data_chunk(self, raw_data, start):
        self._try(super().receive_data_chunk, raw_data, start)

    def file_complete(self, file_size):
        return self._try(super().file_complete, file_size)

    def _try(self, step, *arguments, **named):
        try:
            return step(*arguments, **named)
        except OSError as error:
            self.request.upload_fault = error
            raise SkipFile from error
