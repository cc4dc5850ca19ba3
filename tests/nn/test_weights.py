from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest
import torch

from atomsegnet.core.errors import ModelError
from atomsegnet.nn.unet import Architecture, UNet
from atomsegnet.nn.weights import Card, load, load_trainable, read_card, save

CARD = Card(
    "mine", "denoise", Architecture((4, 8), True), 6.0, 0.25, {"seed": 3}, 17, {"loss": 0.5}
)


def saved(folder: Path) -> Path:
    path = folder / "mine.safetensors"
    save(path, UNet(CARD.architecture), CARD)
    return path


def with_header(path: Path, **changes: str) -> Path:
    """Change fields of a safetensors header, as its format says: length, JSON, tensors."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= changes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
    return path


def test_that_a_card_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    assert read_card(saved(tmp_path)) == CARD


def test_that_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = UNet(CARD.architecture)
    path = tmp_path / "mine.safetensors"
    save(path, network, CARD)
    card, again = load_trainable(path)
    assert card == CARD
    for name, value in network.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


def test_that_a_network_for_use_answers_as_the_trained_one(tmp_path: Path) -> None:
    path = saved(tmp_path)
    _, trained = load_trainable(path)
    # Statistics as after some training, so that folding them in makes a difference.
    image = torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    trained(image * 3 + 1)
    save(path, trained.eval(), CARD)
    loaded = load(path)
    assert not loaded.network.training
    assert len(loaded.sha256) == 64
    with torch.inference_mode():
        assert torch.allclose(loaded.network(image), trained(image), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other-7"}, "no weights file of this program"),
        ({"normalization": "minmax"}, "normalization"),
        ({"task": "paint"}, "no task 'paint'"),
        ({"architecture": '{"kind": "transformer"}'}, "unknown network"),
        ({"architecture": "nonsense"}, "not understood"),
        ({"steps": "many"}, "not understood"),
    ],
)
def test_that_a_header_that_is_not_understood_is_refused_by_name(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    path = with_header(saved(tmp_path), **changes)
    with pytest.raises(ModelError, match=words) as caught:
        load(path)
    assert "mine.safetensors" in str(caught.value) or "task" in str(caught.value)


def test_that_tensors_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = with_header(
        saved(tmp_path),
        architecture='{"kind": "unet", "widths": [8, 8], "residual": true}',
    )
    with pytest.raises(ModelError, match="do not fit"):
        load(path)


def test_that_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    path = tmp_path / "mine.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError):
        load(path)
    assert not (tmp_path / "sprung").exists()


def test_that_cut_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    data = path.read_bytes()
    for tenth in range(10):
        path.write_bytes(data[: len(data) * tenth // 10])
        with pytest.raises(ModelError):
            load(path)
    with pytest.raises(ModelError, match="no weights file"):
        load(tmp_path / "missing.safetensors")
