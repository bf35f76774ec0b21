"""``bandmate learn``: asks the daemon over a real socket, and says what it learned."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from bandmate.app.cli import MISTAKE, main
from bandmate.contract.messages import Message
from bandmate.wires.packets import message_to_packet, packet_to_messages


def daemon(answer: Callable[[Message], Message]) -> tuple[int, threading.Thread, list[Message]]:
    """Listen as a daemon would, and answer one message."""
    wire, heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), list[Message]()
    wire.bind(("127.0.0.1", 0))

    def answers() -> None:
        with wire:
            packet, sender = wire.recvfrom(65_507)
            heard.extend(packet_to_messages(packet))
            wire.sendto(message_to_packet(answer(heard[0])), sender)

    port, thread = wire.getsockname()[1], threading.Thread(target=answers)
    thread.start()
    return port, thread, heard


def test_the_control_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Message) -> Message:
        return Message("/bandmate/live/learned", (asked.arguments[0], "vary", "cc 64 channel 1"))

    port, thread, heard = daemon(answer)
    assert main(["learn", "vary", "--port", str(port)]) == 0
    thread.join()
    assert (heard[0].address, heard[0].arguments[1:]) == ("/bandmate/live/learn", ("vary",))
    assert capsys.readouterr().out.splitlines()[-1] == "cc 64 channel 1 asks vary from now on"


@pytest.mark.parametrize(
    ("address", "rest", "words"),
    [
        ("/bandmate/error", ("ask", "action must be one such as vary"), "one such as vary"),
        ("/bandmate/cancelled", (), "another control is learned"),
    ],
)
def test_mistakes_are_told(
    address: str, rest: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port, thread, _ = daemon(lambda asked: Message(address, (asked.arguments[0], *rest)))
    assert main(["learn", "varry", "--port", str(port)]) == MISTAKE
    thread.join()
    assert words in capsys.readouterr().err
