#!/usr/bin/env python3
"""Train `glyphs`, the small plate-character classifier that ships with Graupel.

The script does everything: it renders pictures of characters on plates with
free fonts, trains a small convolutional network on them, exports it to ONNX,
writes the calibration and test pictures, and measures the float accuracy of
the exported file on the stored pictures.

Needs Python 3.10+ with, from PyPI,
    pip install torch numpy pillow onnx onnxruntime opencv-python-headless
and, from Debian or Ubuntu, the fonts
    apt-get install fonts-dejavu fonts-liberation fonts-freefont-ttf \\
                    fonts-roboto-unhinted fonts-hack fonts-open-sans

    python3 zoo/train_glyphs.py              # all of it, on one CPU thread
    python3 zoo/train_glyphs.py --evaluate   # only measure the stored model

Every picture is drawn from its own seeded generator, so the same versions of
the packages and fonts give the same pictures. Training is seeded too, but
floating-point sums differ between processors and torch versions: a retrained
model scores alike, it is not the same file byte for byte.
"""

import argparse
import csv
import io
import time
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent / "glyphs"
CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIZE = 48
MEAN, STD = 0.5, 0.25  # the same for the three channels; x = (pixel/255 - MEAN) / STD

FONT_ROOT = Path("/usr/share/fonts/truetype")
TRAIN_FONTS = [
    "dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf",
    "dejavu/DejaVuSansCondensed-Bold.ttf", "dejavu/DejaVuSansMono-Bold.ttf",
    "dejavu/DejaVuSerif-Bold.ttf",
    "freefont/FreeSansBold.ttf", "freefont/FreeMonoBold.ttf",
    "liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf",
    "liberation/LiberationSansNarrow-Bold.ttf", "liberation/LiberationMono-Bold.ttf",
    "roboto/unhinted/RobotoCondensed-Bold.ttf", "roboto/unhinted/RobotoCondensed-Medium.ttf",
]
HELD_OUT_FONTS = [  # only ever seen in test pictures
    "hack/Hack-Bold.ttf", "open-sans/OpenSans-Semibold.ttf", "open-sans/OpenSans-CondBold.ttf",
]
# One seed per set keeps the sets disjoint; picture i of a set uses generator (seed, i).
SEEDS = {"train": 11, "calibration": 22, "test": 33}


# --- pictures ---------------------------------------------------------------

@lru_cache(maxsize=None)
def font_of(name, size):
    return ImageFont.truetype(str(FONT_ROOT / name), size)


def colour(rng, low, high):
    grey = rng.uniform(low, high)
    return tuple(int(c) for c in np.clip(grey + rng.normal(0, 22, 3), 0, 255))


def clutter(rng, size):
    """What surrounds the plate: paint, lamps, grilles, other print."""
    picture = Image.new("RGB", size, colour(rng, 20, 230))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.integers(4, 14)):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        w, h = rng.uniform(4, 90, 2)
        kind = rng.integers(3)
        if kind == 0:
            draw.rectangle((x, y, x + w, y + h), fill=colour(rng, 0, 255))
        elif kind == 1:
            draw.ellipse((x, y, x + w, y + h), fill=colour(rng, 0, 255))
        else:
            draw.line((x, y, x + rng.normal(0, 80), y + rng.normal(0, 80)),
                      fill=colour(rng, 0, 255), width=int(rng.integers(1, 7)))
    return picture


def plate(rng, label, font_name):
    """A piece of plate, the wanted character in its middle between two others."""
    width, height = 240, 200
    picture = clutter(rng, (width, height))
    draw = ImageDraw.Draw(picture)
    middle = np.array([width / 2, height / 2])

    font = font_of(font_name, int(rng.integers(44, 49)) * 2)
    left, top, right, bottom = font.getbbox(CLASSES[label], anchor="ls")
    cap = -font.getbbox("H", anchor="ls")[1]
    baseline = middle[1] + cap / 2

    dark = rng.random() < 0.75  # dark print on a light plate, or the other way round
    ground = rng.uniform(120, 245) if dark else rng.uniform(15, 120)
    contrast = rng.uniform(45, 150) * (-1 if dark else 1)
    ink = colour(rng, ground + contrast - 10, ground + contrast + 10)
    pad_top, pad_bottom = rng.uniform(6, 34, 2)
    edge_left = -10 if rng.random() < 0.7 else rng.uniform(20, 70)
    edge_right = width + 10 if rng.random() < 0.7 else rng.uniform(width - 70, width - 20)
    box = (edge_left, baseline - cap - pad_top, edge_right, baseline + pad_bottom)
    draw.rounded_rectangle(box, radius=8, fill=colour(rng, ground - 5, ground + 5),
                           outline=ink if rng.random() < 0.5 else None,
                           width=int(rng.integers(2, 5)))

    x = middle[0] - (left + right) / 2
    draw.text((x, baseline), CLASSES[label], font=font, fill=ink, anchor="ls")
    gap = rng.uniform(4, 18)
    before, after = (CLASSES[i] for i in rng.integers(len(CLASSES), size=2))
    if edge_left < 0:
        b = font.getbbox(before, anchor="ls")
        draw.text((x + left - gap - b[2], baseline), before, font=font, fill=ink, anchor="ls")
    if edge_right > width:
        b = font.getbbox(after, anchor="ls")
        draw.text((x + right + gap - b[0], baseline), after, font=font, fill=ink, anchor="ls")

    for _ in range(rng.integers(0, 5)):  # dirt, bolts and scratches
        cx, cy = middle + rng.normal(0, 34, 2)
        if rng.random() < 0.6:
            r = rng.uniform(2, 10)
            draw.ellipse((cx - r, cy - r * rng.uniform(0.4, 1), cx + r, cy + r),
                         fill=colour(rng, 10, 240))
        else:
            dx, dy = rng.normal(0, 40, 2)
            draw.line((cx - dx, cy - dy, cx + dx, cy + dy), fill=colour(rng, 10, 240),
                      width=int(rng.integers(1, 5)))
    return picture


def homography(target, source):
    """PIL's eight coefficients that take the points `target` to the points `source`."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(np.array(rows, float), np.array(values, float))


def photograph(rng, picture):
    """Look at the plate through a poor camera: pose, light, blur, noise."""
    big = 2 * SIZE
    half = rng.uniform(44, 62)  # how much of the plate the crop shows
    angle, shear = rng.normal(0, 0.13), rng.normal(0, 0.16)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) * half
    corners[:, 0] *= rng.uniform(0.8, 1.15)
    corners[:, 0] += shear * corners[:, 1]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T + rng.normal(0, 5, (4, 2)) + rng.normal(0, 5, 2)
    corners += np.array(picture.size) / 2
    square = [(0, 0), (big, 0), (big, big), (0, big)]
    picture = picture.transform((big, big), Image.Transform.PERSPECTIVE,
                                homography(square, corners), Image.Resampling.BILINEAR)
    small = int(rng.integers(15, SIZE + 1))  # a distant plate has few pixels
    picture = picture.resize((small, small), Image.Resampling.BOX)
    picture = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.3)))
    x = np.asarray(picture, np.float32)

    length = int(rng.integers(1, 6))  # motion blur along one axis or a diagonal
    dy, dx = [(0, 1), (1, 0), (1, 1)][rng.integers(3)]
    x = sum(np.roll(x, (i * dy, i * dx), (0, 1)) for i in range(length)) / length
    x = np.roll(x, (-(length // 2) * dy, -(length // 2) * dx), (0, 1))

    yy, xx = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1) - 0.5
    gx, gy = rng.normal(0, 0.45, 2)
    light = rng.uniform(0.55, 1.2) + gx * xx + gy * yy
    if rng.random() < 0.3:  # the edge of a shadow
        a, b, c = rng.normal(0, 1), rng.normal(0, 1), rng.normal(0, 0.2)
        light = light * np.where(a * xx + b * yy > c, 1, rng.uniform(0.4, 0.8))
    x = x * np.clip(light, 0.15, 1.7)[..., None] * rng.normal(1, 0.06, 3)
    x = x + rng.normal(0, rng.uniform(1, 18), x.shape)
    return Image.fromarray(np.clip(x, 0, 255).astype(np.uint8))


def render(kind, index, fonts):
    """Picture `index` of a set, as the bytes of a JPEG file, and its class."""
    rng = np.random.default_rng((SEEDS[kind], index))
    label = index % len(CLASSES)
    font = fonts[rng.integers(len(fonts))]
    picture = photograph(rng, plate(rng, label, font))
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=int(rng.integers(35, 90)))
    return data.getvalue(), label


def training_set(count, cache):
    """The training pictures as one uint8 array, rendered once and kept in `cache`."""
    path = cache / f"glyphs-train-{count}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        x = np.empty((count, SIZE, SIZE, 3), np.uint8)
        for i in range(count):
            data, _ = render("train", i, TRAIN_FONTS)
            x[i] = np.asarray(Image.open(io.BytesIO(data)))
        np.save(path, x)
    return np.load(path), np.arange(count) % len(CLASSES)


def write_pictures(calibration=64, per_class=30):
    """The stored sets. Every third test picture is in a font training never saw."""
    for kind, count in (("calibration", calibration), ("test", per_class * len(CLASSES))):
        folder = HERE / kind
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.jpg"):
            old.unlink()
        rows = []
        for i in range(count):
            held_out = kind == "test" and (i // len(CLASSES)) % 3 == 2
            data, label = render(kind, i, HELD_OUT_FONTS if held_out else TRAIN_FONTS)
            rows.append((f"{i:04d}.jpg", label))
            (folder / rows[-1][0]).write_bytes(data)
        if kind == "test":
            with open(folder / "labels.csv", "w", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([("file", "label"), *rows])
    (HERE / "classes.txt").write_text("".join(c + "\n" for c in CLASSES))
    numbers = "mean: [{0}, {0}, {0}]\nstd: [{1}, {1}, {1}]\n".format(MEAN, STD)
    (HERE / "glyphs.yaml").write_text(
        "color: rgb            # rgb | bgr | gray\n"
        "fit: stretch          # stretch | letterbox | crop\n"
        "scale: 255            # pixels are divided by this\n"
        + numbers + "layout: nchw\ndtype: f32\n")


# --- network ----------------------------------------------------------------

def build():
    import torch
    from torch import nn

    def conv(cin, cout, k=3, stride=1, groups=1, act=nn.SiLU):
        layers = {"conv": nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False),
                  "norm": nn.BatchNorm2d(cout)}
        if act:
            layers["act"] = act()
        return nn.Sequential(OrderedDict(layers))

    class Residual(nn.Module):
        """Two 3x3 convolutions around a shortcut; the activation follows the sum."""
        def __init__(self, c):
            super().__init__()
            self.a, self.b = conv(c, c, act=nn.ReLU), conv(c, c, act=None)
            self.act = nn.ReLU()

        def forward(self, x):
            return self.act(x + self.b(self.a(x)))

    class Inverted(nn.Module):
        """Widen 1x1, depthwise 3x3, narrow 1x1; the sum stays linear."""
        def __init__(self, c, widen):
            super().__init__()
            wide = c * widen
            self.widen = conv(c, wide, 1, act=nn.ReLU6)
            self.depthwise = conv(wide, wide, 3, groups=wide, act=nn.ReLU6)
            self.narrow = conv(wide, c, 1, act=None)

        def forward(self, x):
            return x + self.narrow(self.depthwise(self.widen(x)))

    class SplitConcat(nn.Module):
        """Halve the channels, refine one half, join every stage again."""
        def __init__(self, c):
            super().__init__()
            self.half = half = c // 2
            self.enter = conv(c, c, 1)
            self.a, self.b = conv(half, half), conv(half, half)
            self.leave = conv(c + half, c, 1)

        def forward(self, x):
            left, right = self.enter(x).split(self.half, 1)
            return self.leave(torch.cat((left, right, right + self.b(self.a(right))), 1))

    return nn.Sequential(OrderedDict(
        stem=conv(3, 16),                                     # 48 x 48
        down1=conv(16, 32, stride=2),                         # 24 x 24
        residual=Residual(32),
        inverted1=Inverted(32, 4),
        down2=conv(32, 64, stride=2),                         # 12 x 12
        csp=SplitConcat(64),
        pool=nn.MaxPool2d(2),                                 # 6 x 6
        widen=conv(64, 128),
        inverted2=Inverted(128, 2),
        mean=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        head=nn.Linear(128, len(CLASSES))))


def train(count, epochs, cache, batch=64, peak=4e-3):
    import torch
    import torch.nn.functional as F

    started = time.time()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    rng = np.random.default_rng(7)
    pixels, labels = training_set(count, cache)
    print(f"{count} training pictures ready after {time.time() - started:.0f} s", flush=True)
    net = build().to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in net.parameters())} weights")
    optimizer = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=0.02)
    steps = epochs * (count // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, steps, pct_start=0.1)
    for epoch in range(epochs):
        order, total, hits = rng.permutation(count), 0.0, 0
        for i in range(count // batch):
            pick = order[i * batch:(i + 1) * batch]
            x = pixels[pick][..., rng.permutation(3)]      # colour carries no class
            x = np.roll(x, rng.integers(-2, 3, 2), (1, 2))  # nor does the exact place
            x = torch.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2).float()
            x = (x / 255 - MEAN) / STD
            y = torch.from_numpy(labels[pick])
            out = net(x)
            loss = F.cross_entropy(out, y, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
            hits += (out.argmax(1) == y).sum().item()
            if i % 50 == 0:
                print(f"epoch {epoch} step {i} loss {loss.item():.3f} "
                      f"{time.time() - started:.0f} s", flush=True)
        print(f"epoch {epoch}: loss {total / (i + 1):.3f}, train top-1 "
              f"{hits / (i + 1) / batch:.4f}, {time.time() - started:.0f} s", flush=True)
    return net.eval()


def export(net, path):
    """Write one ONNX file; batch norms stay nodes of their own."""
    import onnx
    import torch
    net = net.to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        net, (torch.zeros(1, 3, SIZE, SIZE),), str(path), dynamo=False, opset_version=17,
        input_names=["image"], output_names=["logits"], do_constant_folding=False,
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        training=torch.onnx.TrainingMode.PRESERVE)
    onnx.checker.check_model(onnx.load(path), full_check=True)


def evaluate():
    """Float top-1 of the stored model on the stored pictures."""
    import cv2
    import onnxruntime
    session = onnxruntime.InferenceSession(HERE / "glyphs.onnx",
                                           providers=["CPUExecutionProvider"])
    with open(HERE / "test" / "labels.csv", newline="") as f:
        rows = [(r["file"], int(r["label"])) for r in csv.DictReader(f)]
    x = np.stack([cv2.cvtColor(cv2.imread(str(HERE / "test" / name)), cv2.COLOR_BGR2RGB)
                  for name, _ in rows])
    x = ((x.astype(np.float32) / 255 - MEAN) / STD).transpose(0, 3, 1, 2)
    found = session.run(None, {"image": np.ascontiguousarray(x, np.float32)})[0].argmax(1)
    right = found == np.array([label for _, label in rows])
    held_out = (np.arange(len(rows)) // len(CLASSES)) % 3 == 2
    for name, which in (("all", right), ("training fonts", right[~held_out]),
                        ("held-out fonts", right[held_out])):
        print(f"top-1, {name}: {which.sum()} / {len(which)} = {which.mean():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=54000, help="training pictures")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/glyphs-cache"))
    parser.add_argument("--evaluate", action="store_true", help="only measure what is stored")
    args = parser.parse_args()
    if not args.evaluate:
        write_pictures()
        export(train(args.count, args.epochs, args.cache), HERE / "glyphs.onnx")
    evaluate()


if __name__ == "__main__":
    main()
