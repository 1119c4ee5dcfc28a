"""The files of one spec: each read once, all below one root."""

from netspec.diagnostics import Diagnostic, FileFault
from netspec.files.folder import Folder
from netspec.limits import EXPRESSION_TEXT, FILES, SPEC_BYTES, TOTAL_BYTES, TOTAL_VALUES
from netspec.source import read_source
from netspec.spec.document import Document


class Library:
    """Opens specs below a root, by their paths below it; keeps every document and the faults of its text.

    `shown` gives the name by which the user knows a file: the root as named on the command line, and the path below.
    """

    def __init__(self, folder: Folder | None, shown: str = "", *, pure: bool = False) -> None:
        self.folder = folder
        self.shown = shown
        self.pure = pure
        self.documents: dict[str, Document] = {}
        self.faults: list[Diagnostic] = []
        self._bytes = 0
        self._values = self._letters = 0

    def add(self, data: bytes, relative: str, file: str) -> Document:
        """Return the document that `data` is, and keep it; its faults join the library's."""
        source = read_source(data, file, pure=self.pure)
        self._bytes += len(data)
        document = Document(source, relative)
        self._values += document.values
        self._letters += document.letters
        self.documents[relative] = document
        self.faults.extend(source.faults)
        return document

    def open(self, base: str, reference: str) -> Document:
        """Return the document that the spec at `base` names; raises FileFault where it is refused or cannot be read."""
        if self.folder is None:
            raise FileFault("no-root", "a spec without a file of its own cannot refer to files")
        relative = self.folder.resolve(base, reference)
        if relative not in self.documents:
            if len(self.documents) > FILES.value:  # the spec itself is one of them
                raise FileFault(FILES.code, f"a spec and its parts may refer to {FILES.value} files")
            data = self.folder.read(relative, SPEC_BYTES)
            if self._bytes + len(data) > TOTAL_BYTES.value:
                raise FileFault(TOTAL_BYTES.code, f"a spec and its parts may have {TOTAL_BYTES.value:,} bytes together")
            document = self.add(data, relative, self.name(relative))
            if self._values > TOTAL_VALUES.value:
                raise FileFault(
                    TOTAL_VALUES.code, f"a spec and its parts may have {TOTAL_VALUES.value:,} values together"
                )
            if self._letters > EXPRESSION_TEXT.value:
                words = (
                    f"the expressions of a spec and its parts may have {EXPRESSION_TEXT.value:,} characters together"
                )
                raise FileFault(EXPRESSION_TEXT.code, words)
            return document
        return self.documents[relative]

    def name(self, relative: str) -> str:
        """Return the name by which the user knows a file."""
        return f"{self.shown}{relative}"

    def standing(self) -> list[Diagnostic]:
        """Return the faults of all texts but those that were taken back."""
        withdrawn = {each for document in self.documents.values() for each in document.withdrawn}
        return [fault for fault in self.faults if (fault.code, fault.place) not in withdrawn]

    @property
    def sources(self) -> dict[str, str]:
        """The text of every file that was read, by the name the user knows it by."""
        return {document.file: document.source.text for document in self.documents.values()}
