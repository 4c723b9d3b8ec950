"""Records what OpenCV 4 finds with a cascade in photos: the answers that `detectMultiScale` of this repository must give.

    pip install 'opencv-python-headless<5'    # version 5 has no cascades
    python training/faces/expect-opencv.py haarcascade_frontalface_alt2.xml training/eval/photos \
        tests/backend/adapters/fixtures/opencv-faces.json
"""
import argparse
import json
import pathlib

import cv2

# Scale factor, neighbours and smallest side: as the tool searches, every group at all, and a coarse search.
SEARCHES = [(1.1, 5, 24), (1.1, 1, 20), (1.3, 2, 40)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cascade", type=pathlib.Path)
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    cascade = cv2.CascadeClassifier(str(options.cascade))
    finds = []
    for photo in sorted(options.photos.glob("*.jpg")):
        gray = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2GRAY)
        for factor, neighbours, least in SEARCHES:
            boxes, counts = cascade.detectMultiScale2(
                gray, scaleFactor=factor, minNeighbors=neighbours, minSize=(least, least)
            )
            found = sorted([*map(int, box), int(count)] for box, count in zip(boxes, counts))
            finds.append({"photo": photo.name, "search": [factor, neighbours, least], "found": found})
    rows = ",\n".join(f"  {json.dumps(find)}" for find in finds)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(f'{{ "opencv": "{cv2.__version__}", "finds": [\n{rows}\n] }}\n')


if __name__ == "__main__":
    main()
