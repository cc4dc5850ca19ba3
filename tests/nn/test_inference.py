from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.nn import inference
from atomsegnet.nn.inference import run_model


def noise(*shape: int) -> Micrograph:
    return Micrograph(np.random.default_rng(1).normal(100, 5, shape).astype(np.float32))


@pytest.mark.parametrize("shape", [(16, 16), (17, 300), (250, 123), (64, 64)])
@pytest.mark.parametrize("rescale", [0.37, 1.0, 2.4])
def test_that_the_answer_has_the_shape_of_the_image(make_model, shape, rescale) -> None:
    answer = run_model(make_model(), noise(*shape), rescale, device="cpu")
    assert answer.image.shape == shape
    assert answer.working_image.shape == tuple(max(1, round(n * rescale)) for n in shape)
    assert answer.image.dtype == np.float32
    assert 0 <= answer.image.min() <= answer.image.max() <= 1


def test_that_tiles_leave_no_seam(make_model, monkeypatch) -> None:
    # The deep network sees about as far as the committed ones.
    model = make_model("denoise", (4, 8, 8, 8))
    micrograph = noise(700, 640)
    whole = run_model(model, micrograph, 1.0, device="cpu").image
    monkeypatch.setattr(inference, "TILES_PX", (256,))
    tiled = run_model(model, micrograph, 1.0, device="cpu").image
    assert np.abs(tiled - whole).max() < 1e-3 * np.ptp(micrograph.image)


def test_that_intensities_come_back_on_the_scale_of_the_image(make_model) -> None:
    model = make_model("denoise")
    image = noise(96, 96)
    plain = run_model(model, image, 1.0, device="cpu").image
    scaled = run_model(model, Micrograph(image.image * 3e4 + 7e6), 1.0, device="cpu").image
    assert (scaled - 7e6) / 3e4 == pytest.approx(plain, abs=0.2)


def test_that_the_input_is_left_as_it_was(make_model) -> None:
    micrograph = noise(80, 80)
    before = micrograph.image.copy()
    run_model(make_model(), micrograph, 1.0, device="cpu")
    assert np.array_equal(before, micrograph.image)


def test_that_an_unknown_device_is_refused(make_model) -> None:
    with pytest.raises(SettingError, match="no device"):
        run_model(make_model(), noise(32, 32), 1.0, device="abacus")


def test_that_cancelling_stops_between_tiles(make_model, monkeypatch) -> None:
    monkeypatch.setattr(inference, "TILES_PX", (256,))
    seen: list[int] = []

    def stop(progress: Progress) -> None:
        seen.append(progress.done)
        if progress.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_model(make_model(), noise(600, 600), 1.0, device="cpu", report=stop)
    # A slow tile asks more than once.
    assert list(dict.fromkeys(seen)) == [0, 1, 2]


def test_that_short_memory_means_smaller_tiles_and_a_note(make_model, monkeypatch) -> None:
    import torch

    model, micrograph = make_model("denoise", (4, 8, 8, 8)), noise(600, 600)
    whole = run_model(model, micrograph, 1.0, device="cpu")
    real = inference._forward

    def forward(network, batch, half):
        if batch.shape[-1] > 512:
            raise torch.OutOfMemoryError("pretended")
        return real(network, batch, half)

    monkeypatch.setattr(inference, "_forward", forward)
    tiled = run_model(model, micrograph, 1.0, device="cpu")
    assert "smaller tiles" in tiled.notes[0]
    assert np.abs(tiled.image - whole.image).max() < 1e-3 * np.ptp(micrograph.image)


def test_that_cancelling_stops_in_the_middle_of_a_tile(make_model, monkeypatch) -> None:
    monkeypatch.setattr(inference, "ASK_EVERY_S", 0.0)
    model, seen = make_model(), []

    def stop(progress: Progress) -> None:
        seen.append(progress.done)
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_model(model, noise(300, 300), 1.0, device="cpu", report=stop)
    assert seen == [0, 0, 0]
    # Nothing of it stays behind in the network.
    assert not any(layer._forward_pre_hooks for layer in model.network.modules())


def test_that_a_full_graphics_card_means_the_processor_and_a_note(make_model, monkeypatch) -> None:
    import torch

    model, micrograph = make_model("denoise"), noise(300, 300)
    expected = run_model(model, micrograph, 1.0, device="cpu")
    real, tried = inference._run_tiles, []

    def run(network, image, device, tile, report):
        tried.append((device.type, tile))
        if device.type == "cuda":
            raise torch.OutOfMemoryError("pretended")
        return real(network, image, device, tile, report)

    monkeypatch.setattr(inference, "choose_device", lambda _name: torch.device("cuda"))
    monkeypatch.setattr(inference, "_run_tiles", run)
    answer = run_model(model, micrograph, 1.0)
    assert tried == [*(("cuda", tile) for tile in inference.TILES_PX), ("cpu", 1088)]
    assert answer.device.startswith("cpu")
    assert "the CPU was used" in answer.notes[0]
    assert np.abs(answer.image - expected.image).max() < 1e-3 * np.ptp(micrograph.image)
