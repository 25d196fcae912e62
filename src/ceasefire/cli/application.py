"""The commands and their common ground: errors as sentences on standard error, exit codes, lazy loading."""

from __future__ import annotations

import difflib
import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, Argument, CycloptsError, MissingArgumentError, UnknownCommandError

from ceasefire.model.errors import CeasefireError

USERS_FAULT, OUR_FAULT, INTERRUPTED = 2, 1, 130
_PAGER_GONE = 141  # what a shell reports of a program whose reader has gone: 128 + SIGPIPE

# A command's module is imported when it is run, so that `ceasefire --help` is quick.
COMMANDS = {
    "demo": "Run the built-in case, write its bulletin and open it in the browser.",
    "init": "Make a workspace with the files of a case.",
    "check": "Check the files of a case, and list every fault.",
    "import": "Read a file into the record.",
    "fuse": "Join reports of one event into incidents, without checking them.",
    "run": "Derive incidents and findings from the record.",
    "findings": "List clause checks, with lower and upper bounds by clause.",
    "obligations": "List what clauses require, and whether it was performed.",
    "control": "Say who holds each settlement on a day, according to whom.",
    "borders": "Show what another border of an area would change.",
    "assess": "Say whether violence fell with a truce: shown, probable, not shown or cannot tell, and why.",
    "registers": "Compare what two sources report; or keep two delegations' registers.",
    "site": "Say where posts would see most, under what the parties consent to.",
    "why": "Explain a finding, an incident or an obligation, as sentences.",
    "judge": "Say whether two reports are of one event, or list the pairs that wait for it.",
    "outlook": "Look ahead: forecasts, an alarm, clusters of incidents, and how far to trust them.",
    "bulletin": "Issue the bulletin of a week or a day.",
    "pack": "Write the pack of a joint commission's meeting.",
    "export": "Write derived tables for other programs.",
    "audit": "Verify the ledger and every batch it names.",
    "submissions": "List what came from the field, and decide between edits that contradict one another.",
    "serve": "Serve the workspace to a browser on this machine.",
    "account": "Say who may sign in to a served workspace, in which role.",
    "simulate": "Simulate reports of incidents whose truth is known.",
}


def application(chosen: str | None = None) -> App:
    """Build the application.

    Parameters
    ----------
    chosen : str, optional
        The command to be run: its help is its docstring in full, the others' the one sentence above.
    """
    from importlib.metadata import version

    app = App(
        name="ceasefire",
        help="Ceasefire monitoring: agreements as data, incidents checked clause by clause, findings that show why.",
        version=lambda: f"ceasefire {version('ceasefire')}",
        help_format="plaintext",
        help_epilogue="Most commands act on the workspace that holds the current folder; -w names another.",
    )
    for order, (name, sentence) in enumerate(COMMANDS.items()):
        module = {"import": "import_file"}.get(name, name)
        path = f"ceasefire.cli.{module}:{module}"
        if name == chosen:
            app.command(path, name=name)
        else:
            app.command(path, name=name, help=sentence, sort_key=order)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit code.
    """
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in tokens or bool(os.environ.get("CEASEFIRE_DEBUG"))
    tokens = [token for token in tokens if token != "--debug"]  # noqa: S105
    try:
        code = application(tokens[0] if tokens else None)(
            tokens, exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
    except CycloptsError as error:
        return _refuse_usage(error, debug=debug)
    except CeasefireError as error:
        return _say(str(error), error.exit_code, debug=debug)
    except KeyboardInterrupt:
        return _say("Interrupted; what the ledger holds is whole.", INTERRUPTED, debug=debug)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at its end
        return _PAGER_GONE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}.", USERS_FAULT, debug=debug)
    except Exception as error:  # the last line of defence: nobody but a developer is shown a traceback
        what = f"Something went wrong inside ceasefire ({type(error).__name__}: {error})."
        return _say(f"{what}\n  That is our fault. --debug shows where.", OUR_FAULT, debug=debug)
    return code if isinstance(code, int) else 0


def _refuse_usage(error: CycloptsError, *, debug: bool) -> int:
    """Say what is wrong with the arguments."""
    command = " ".join(error.command_chain or ())
    words = " ".join(str(error).split())
    if isinstance(error, UnknownCommandError) and error.unused_tokens:
        words = _unknown_command(error.unused_tokens[0])
    elif isinstance(error, MissingArgumentError) and error.argument is not None:
        words = _missing(error.argument, error.keyword, command)
    return _say(f"{words}\n  See: ceasefire {f'{command} ' if command else ''}--help", USERS_FAULT, debug=debug)


def _unknown_command(word: str) -> str:
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    return f'There is no command "{word}".{f" Is {near[0]} meant?" if near else ""} Commands: {", ".join(COMMANDS)}.'


def _missing(argument: Argument, keyword: str | None, command: str) -> str:
    """Say which argument a command lacks, or which option its value, and what it is."""
    name = argument.name.lstrip("-").upper() if argument.field_info.is_positional else argument.name
    lacking = f"{keyword} needs a value" if keyword else f"ceasefire {command} needs {name}"
    return f"{lacking}: {_sentence(argument.parameter.help)}"


def _sentence(text: str | None) -> str:
    return f"{(text or 'see its help').rstrip('.')}."


def _say(sentence: str, code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(sentence, file=sys.stderr)
    return code
