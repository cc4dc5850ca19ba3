from __future__ import annotations

import torch

from atomsegnet.nn.unet import Architecture, UNet


def test_that_an_output_pixel_sees_at_least_a_hundred_pixels_and_no_more_than_said() -> None:
    torch.manual_seed(0)
    architecture = Architecture()
    network = UNet(architecture).eval()
    image = torch.randn(1, 1, 512, 512, requires_grad=True)
    network(image)[0, 0, 256, 256].backward()
    seen = image.grad[0, 0].abs() > 0
    rows = torch.where(seen.any(dim=1))[0]
    assert int(rows[-1] - rows[0]) >= 100
    assert max(256 - int(rows[0]), int(rows[-1]) - 256) <= architecture.reach_px


def test_that_any_aligned_size_is_taken() -> None:
    architecture = Architecture((4, 8, 8), outputs=2)
    assert architecture.alignment == 8
    network = UNet(architecture).eval()
    for shape in ((8, 8), (64, 24)):
        assert network(torch.randn(2, 1, *shape)).shape == (2, 2, *shape)


def test_that_a_folded_network_answers_every_pixel_where_it_is() -> None:
    network = UNet(Architecture((4,), residual=True)).eval()
    torch.nn.init.zeros_(network.last.weight)
    network.last.bias.data = torch.arange(4.0)  # the four pixels of a square
    answer = network(torch.zeros(1, 1, 4, 4))[0, 0]
    assert answer[:2, :2].tolist() == [[0, 1], [2, 3]]
    assert torch.equal(answer[2:, 2:], answer[:2, :2])


def test_that_a_residual_network_starts_from_its_input() -> None:
    network = UNet(Architecture((4, 8), residual=True)).eval()
    torch.nn.init.zeros_(network.last.weight)
    torch.nn.init.zeros_(network.last.bias)
    image = torch.randn(1, 1, 8, 8)
    assert torch.equal(network(image), image)
