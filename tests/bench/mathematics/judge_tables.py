"""Answers by kind: expected, given, and whether it is right. What is on one line differs in that kind only."""

from __future__ import annotations

import re

_ROW = re.compile(r"\s+(==|!=)\s+")


def rows(table: str) -> list[tuple[str, str, bool]]:
    """Return the rows of a table: `expected == given` is right, `expected != given` is wrong."""
    found = []
    for line in filter(None, map(str.strip, table.strip().splitlines())):
        gold, sign, given = _ROW.split(line)
        found.append((gold, given, sign == "=="))
    return found


KINDS = {
    "exact numbers": r"""
        39916800 != 39916801
        5000000 != 5000001
        5000000 != 5000001.0
        2^{20}-1 != 2^{20}
        2^{20} == 1048576
        \frac{1}{20!} != \frac{1}{21!}
        11! == 39916800
        \sqrt{1000001} != 1000
        \sqrt{12} == 2\sqrt{3}
        \sqrt{2}+\sqrt{3} == \sqrt{5+2\sqrt{6}}
        10^{40}+1 != 10^{40}
        \sqrt{10^{80}+1} != 10^{40}
        \frac{123456789}{987654321} != \frac{123456788}{987654321}
        1.6e-19 != 0
        0 != 10^{-13}
        6.6\times 10^{-34} == 6.6e-34
        3.0\times10^8 == 300000000
        10^{10^{10}} != 10^{10^{11}}
        5 != 9**9**9**9
        720 != 3!!
        7!! == 105
        5 != \binom{10^9}{5\cdot10^8}
        5 != \binom{10^{100000}}{10^{50000}}
    """,
    "decimals": r"""
        \frac12 == 0.5
        0.5 == .50
        5 == 5.
        \frac{1}{3} == 0.333333
        \frac{1}{3} != 0.33
        \sqrt{2} == 1.41421356
        \sqrt{2} != 1.41
        0.1 != 0.11
        2\pi != 6.28
        5000000 != 5000000.5
        945 == 944.9999999999999
        1.25 == \frac54
    """,
    "bases": r"""
        52_8 != 528
        52_8 == 52_{8}
        52_{8} != 52_{9}
        52_8 == 52_{\text{8}}
        52_8 == 52_{eight}
        52_8 != 42
        101_2 == 101_{2}
        1101_2 != 1011_2
        1101_2 == 1101_{\text{two}}
        AB_{16} == AB_{16}
        2A_{16} != 2B_{16}
        0x10 != 16
        x_8 != 8x
        1a_{16} == 1A_{16}
        -221_3 == -221_{3}
        -221_3 != 221_3
        0.0011_{2} == 0.0011_2
        1010_2 == 1010_{\text{base }2}
        1010_2 == 1010 \text{ (base 2)}
        1010_2 == 1010 in base two
        1010_2 == (1010)_2
        1010_2 == 0b1010
        FF_{16} == ff_{16}
        FF_{16} == \text{FF}_{16}
        2BC_{16} == 2\text{BC}_{16}
        12_{10} == 12
        12_{10} != 12_8
    """,
    "letters": r"""
        xy == yx
        xy == x \cdot y
        xy == x y
        xy != x+y
        \frac{ab}{2} == ab/2
        x^{2}y == yx^2
        2xy == 2yx
        abc == c a b
        abcd == d \cdot c \cdot b \cdot a
        \alpha\beta == \beta\alpha
        a_1a_2 == a_2a_1
        x_1 != x_2
        p(1-p) == p-p^2
        a^{m+n} == a^ma^n
        x^{12}y == yx^{12}
        7x != 7
        A != a
        ff_{12} != FF_{16}
        7\text{ i} != 3+4
    """,
    "mixed numbers": r"""
        3\frac12 == 3.5
        3\frac{1}{2} == \frac{7}{2}
        3\frac{1}{2} != \frac{3}{2}
        1 1/2 == 1.5
        1 1/2 != 11/2
        1 1/2 == \frac32
        -2\frac{1}{3} == -\frac{7}{3}
        3½ == 3.5
        2\tfrac{2}{5} == 12/5
        2\cdot\frac{2}{5} == \frac45
        10\frac{3}{4} == 10.75
        5\frac12 != 5/2
    """,
    "recurring decimals": r"""
        0.\overline{3} == \frac{1}{3}
        0.\overline{3} != 0.3
        0.\overline{3} != 0.33
        0.1\overline{6} == 1/6
        0.\overline{27} == \frac{3}{11}
        2.\overline{45} == 27/11
        0.\overline{142857} == \frac17
        0.\bar{3} == 1/3
        0.\dot{3} == 1/3
        0.333\ldots == 1/3
        0.\overline{9} == 1
        3.1\overline{4} != 3.14
        0.121212... == \frac{4}{33}
    """,
    "roots": r"""
        4\sqrt(2) == 4\sqrt{2}
        4 != 4\sqrt(2)
        4\sqrt2 == 4\sqrt{2}
        4√2 == 4\sqrt{2}
        √12 == 2\sqrt{3}
        \sqrt[3]{8} == 2
        \frac{1}{\sqrt2} == \frac{\sqrt{2}}{2}
        sqrt(2)/2 == \frac{\sqrt{2}}{2}
        \sqrt{x^2} != x
        2\sqrt3i == 2i\sqrt{3}
        \sqrt{8} != 2\sqrt{3}
        \frac{\sqrt{6}+\sqrt{2}}{4} == \cos 15^\circ
        \sqrt[3]{-8} == -2
        \sqrt[3]{-2} == -\sqrt[3]{2}
        \sqrt[4]{-16} != -2
        ∛27 == 3
        √{x} == \sqrt{x}
    """,
    "percent": r"""
        50\% == 50
        50\% == 0.5
        50\% == \frac12
        50\% != 5
        50% == 50\%
        25 == 25\%
        0.25 == 25\%
        12.5\% == \frac{1}{8}
        25 percent == 25\%
        100\% == 1
        33\% != 34\%
    """,
    "units": r"""
        12\text{ cm} == 12
        12\text{ cm} == 12 cm
        12\text{ cm} != 13
        12\text{ cm} != 12 m
        12 cm == 0.12 m
        12 \mathrm{~cm} == 12
        12\text{ cm} != 12\text{ kg}
        9.8 \mathrm{~m} / \mathrm{s}^2 == 9.8
        10 \mathrm{~kg} \cdot \mathrm{m} / \mathrm{s} == 10
        10\text{ cm}^2 == 10
        10 square meters == 10
        \$5.50 == 5.5
        \$5 == 5\text{ dollars}
        5 dollars != 5 cents
        120^\circ == 120
        6\text{ hours} == 6 hours
        60\text{ minutes} == 1 hour
        5\text{ apples} == 5
        \frac{3}{4}\pi\text{ inches} == \frac{3\pi}{4}
        99\pi \text{ square inches} != 99
        2 \text{ kW} == 2000 W
        2 \text{ kW} != 2 W
        5 \text{ mV} != 5 V
        1 eV != 1 keV
        3\ \mu\text{m} == 0.003 mm
        3\ \mu\text{m} != 3 nm
        5\ \text{k}\Omega == 5000 ohm
        12\text{ N} == 12 \text{ kg m/s}^2
        90 \text{ km/h} == 25 m/s
        1\text{ week} == 7\text{ days}
        7\text{ days} != 7\text{ weeks}
        60 \text{ mph} == 88 \text{ feet per second}
        100 \text{ square centimeters} == 0.01\text{ m}^2
        3\text{ m}^2 != 3\text{ m}^3
        12π cm² == 12\pi
        25^\circ\text{C} == 25 °C
        25^\circ\text{C} != 25 °F
        25^\circ\text{C} != 25 K
        \$12 != 12 cents
        \$0.50 == 50¢
        \$15\text{ per hour} == 15 dollars per hour
        60^\circ == \frac{\pi}{3}
        \pi == 180\text{ degrees}
        45^\circ != 45 radians
        60 != \frac{\pi}{3}
        \sin 60^\circ == \frac{\sqrt3}{2}
        3\text{ a.m.} != 3\text{ p.m.}
        3:30\text{ p.m.} == 3:30 pm
        2:24\text{ p.m.} != 1:12\text{ p.m.}
        2:24 != 1:12
        1:12 == \frac{1}{12}
        5\text{ feet } 3 \text{ inches} == 63\text{ inches}
        5 feet 3 inches == 5.25
        5 feet 3 inches != 8
        2 \text{ hours and } 30 \text{ minutes} == 2.5\text{ hours}
        2 hours and 30 minutes == 150 minutes
        2 hours and 30 minutes != 30 minutes
    """,
    "signs": r"""
        −5 == -5
        –5 == -5
        3 − 2 == 1
        -5 != 5
        2 × 3 == 6
        6 ÷ 2 == 3
        x² == x^2
        \frac{-1}{2} == -\frac{1}{2}
        -\frac{1}{2} == \frac{1}{-2}
        π/2 == \frac{\pi}{2}
        ∞ == \infty
        \infty != -\infty
        5 == 5​
    """,
    "plus or minus": r"""
        \pm 2 == 2,-2
        \pm 2 == -2, 2
        \pm 2 != 2
        ±2 == 2,-2
        1 \pm \sqrt{3} == 1-\sqrt3, 1+\sqrt3
        1 \pm \sqrt{3} != 1+\sqrt3
        x = \pm 2 == \pm 2
        \pm 1, \pm 2 == -2,-1,1,2
        \frac{-1 \pm \sqrt{5}}{2} == \frac{\sqrt5-1}{2}, \frac{-\sqrt5-1}{2}
        \pm 2 != \pm 3
        \pm i == i, -i
    """,
    "lists": r"""
        1,2,3 == 3,1,2
        1,2 != 1,3
        1,1,2 != 1,2,2
        1,2 != 1,2,3
        1, 2 == 1 and 2
        1,2 == 1\text{ and }2
        2, 3, and 4 == 4,3,2
        2 or 3 == 3,2
        x=1,x=2 == 1,2
        x=2\text{ or }x=3 == 3, 2
        \{1,2\} == 2,1
        \{1,2\} != (1,2)
        \{4\} == 4
        1;2 == 2;1
        (1,2),(3,4) == (3,4),(1,2)
        (1,2),(3,4) != (2,1),(3,4)
        x=1, y=2 == (1,2)
        \{1,2,3,\ldots\} != \{1,2,3\}
        (x,y)=(3,4) == y=4, x=3
        (x,y)=(3,4) != x=4, y=3
        (3,4) == y=4, x=3
        (4,3) != y=4, x=3
    """,
    "thousands": r"""
        1,000 == 1000
        1{,}000 == 1000
        10,\!000 == 10000
        1,000,000 == 1000000
        1 000 == 1000
        1\,000 == 1000
        12 != 1 2
        1,000 != (1,0)
        1,000 != 1
        100,200 == 100, 200
        1,234.5 == 1234.5
        (1,000) == 1000
        \$5 million == 5000000
        2.5\text{ million} == 2,500,000
        1'000 == 1000
        1.5 hundred == 150
        3 x 10^8 == 300000000
    """,
    "intervals and pairs": r"""
        [0,1] != 0,1
        [0,1] != (0,1)
        [0,1) != [0,1]
        [0,1) == [0, 1)
        (1,2) != (2,1)
        (1,2) != 1,2
        (1,2) == ( 1 , 2 )
        \left(\frac12, 3\right) == (0.5,3)
        [2,5) == x \in [2,5)
        (2,\infty) == \{x \mid x > 2\}
        [2,5) == 2 \le x < 5
        (-\infty,3) == x<3
        x<3 != x\le 3
        (x,y)=(1,2) == (1,2)
        (1,2,3) != (1,2)
    """,
    "unions": r"""
        (-\infty,1)\cup(2,\infty) == (2,\infty)\cup(-\infty,1)
        (-\infty,1)\cup(2,\infty) != (-\infty,1]\cup(2,\infty)
        (-\infty,1)\cup(2,\infty) != (-\infty,1)
        [1,2]\cup[2,3] == [1,3]
        [1,2]∪[4,5] == [4,5]\cup[1,2]
        (-\infty,-2)\cup(-2,3)\cup(3,\infty) == \mathbb{R}\setminus\{-2,3\}
        \mathbb{R} == (-\infty,\infty)
        \emptyset == no solution
        (0,1)\cup\{2\} == \{2\}\cup(0,1)
        (0,1)\cup\{2\} != (0,1)
        x \in (0,1)\cup(2,3) == (0,1)\cup(2,3)
        (-\infty,2)\cup(3,\infty) == x<2 or x>3
        (-\infty,2)\cup(3,\infty) == x<2, x>3
        (-\infty,2)\cup(3,\infty) != x>2 or x<3
        (2,3) == x>2\text{ and }x<3
        x<2, y>3 != x<2, x>3
        x<3 != y<3
    """,
    "matrices": r"""
        \begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix} == \begin{pmatrix}2&0\\0&3\end{pmatrix}
        \begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix} == $\begin{pmatrix}2&0\\0&3\end{pmatrix}$
        \begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix} == \begin{bmatrix}2&0\\0&3\end{bmatrix}
        \begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix} != \begin{pmatrix}2&0\\0&4\end{pmatrix}
        \begin{pmatrix} 2 & 0 \\ 0 & 3 \end{pmatrix} != \begin{vmatrix}2&0\\0&3\end{vmatrix}
        \begin{pmatrix} 1 \\ 2 \end{pmatrix} != \begin{pmatrix} 2 \\ 1 \end{pmatrix}
        \begin{pmatrix} 1 \\ 2 \end{pmatrix} != \begin{pmatrix} 1 & 2 \end{pmatrix}
        \begin{pmatrix} \frac{1}{2} \\ 2 \end{pmatrix} == \begin{pmatrix} 0.5 \\ 2 \end{pmatrix}
        \begin{pmatrix}1&2\\[2pt]3&4\end{pmatrix} == \begin{pmatrix}1&2\\3&4\end{pmatrix}
        \left( \begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array} \right) == \begin{pmatrix}1&2\\3&4\end{pmatrix}
        \begin{pmatrix} a & b \end{pmatrix} == \begin{pmatrix} a&b \\ \end{pmatrix}
        \begin{pmatrix}1&2\\3&4\end{pmatrix} == [[1,2],[3,4]]
        \begin{pmatrix}1&2\\3&4\end{pmatrix} != [[1,3],[2,4]]
        \begin{vmatrix}1&2\\3&4\end{vmatrix} != [[1,2],[3,4]]
        \langle 3,4\rangle == (3,4)
        \langle 3,4\rangle != (4,3)
    """,
    "words": r"""
        4 == four
        \text{four} == 4
        5 != four
        21 == twenty-one
        105 == one hundred and five
        2,3 == two and three
        2 and 3 == 2,3
        \text{even} == even
        \text{even} == Even
        even != odd
        \text{Evelyn} == Evelyn
        \text{(A)} == A
        \text{A} != B
        yes != no
        \text{yes} == Yes
        \text{yes} != \text{no}
        \frac12 == one half
        \frac23 == two thirds
        -5 == minus five
        -5 != five
        -\text{five} == -5
        25 != 5 (five)
        \frac72 == three and a half
        5 == The answer is 5.
        5 == Answer: $5$
        5 != The answer is not 5
    """,
    "boxes": r"""
        5 == \fbox{5}
        5 == \boxed{5}
        5 == \boxed 5
        \fbox{5} != 6
        \boxed{\frac{1}{2}} == 0.5
        \boxed{(1,2)} == (1,2)
        \boxed{12\text{ cm}} == 12
        $5$ == 5
        \(5\) == \[5\]
        **5** == 5
        \\frac{1}{2} == \frac12
        \boxed{\text{yes}} == yes
    """,
    "names": r"""
        x=4 == 4
        4 == x = 4
        x=4 == x=4
        x=4 != x=5
        x=4 != y=4
        y = 2x+1 == 1 + 2x
        f(x)=2x == 2x
        \angle ABC = 30^\circ == 30
        x^2+y^2=1 == 2x^2+2y^2=2
        x^2+y^2=1 != x^2+y^2=2
        a = b = 4 == 4
        4 = x == 4
        f^{-1}(x)=x-1 == x-1
        2x+4y-3=0 == y=-\frac{1}{2}x+\frac{3}{4}
        2x+4y-3=0 != y=-\frac{1}{2}x-\frac{3}{4}
        5 == x \approx 5
        \angle ABC = 30^\circ == ∠ABC = 30°
        x=y == y=x
        y=3x == x=\frac{y}{3}
        y=3x != x=3y
        y=3 != x=3
    """,
    "expressions": r"""
        (x+1)(x-1) == x^2-1
        x^2-1 != x^2+1
        e^{2x} == e^{x}e^{x}
        \sin^2 x == 1-\cos^2 x
        \sin 2x == 2\sin x\cos x
        \log_2 8 == 3
        \ln 4 == 2\ln 2
        \binom{5}{2} == 10
        \frac{\pi}{3} == \pi/3
        3+4i == 4i+3
        \frac{1}{1+i} == \frac{1-i}{2}
        |x| == |-x|
        \lfloor 2.5 \rfloor == 2
        \sum_{k=1}^{n} k == \sum_{k=1}^{n} k
        3:2 == \frac32
        5 != __import__('builtins').print('true')
        3+4i == 3+4\mathrm{i}
        \mathrm{e}^{2} == e^2
        {10 \choose 3} == 120
        \sum_{k=1}^{10} k == 55
        \int_0^1 x^2 dx != \frac12
        3:2 == 3 \text{ to } 2
        3:2 == 1.5:1
        \frac16 == 1 in 6
    """,
}
"""Under the rule of MATH."""

PRINTED = r"""
    \$5 == 5
    12\text{ cm} == 12
    x=4 == 4
    2+3i == 2 + 3*I
    2+3i != 2 - 3*I
    1,2 == [1, 2]
    1,2 == (2, 1)
    1,2 == {2, 1}
    (1,2) == [1, 2]
    (1,2) != [2, 1]
    \frac{1}{3} == 0.3333333333333333
    \frac{1}{3} == Fraction(1, 3)
    945 == 944.9999999999999
    0 == 6.123233995736766e-17
    0 != 1.6e-19
    \text{even} == even
    \text{even} != odd
    5000000 != 5000000.5
    5000000 != 5000001.0
    3\sqrt{2} == 3*sqrt(2)
    \begin{pmatrix}2&0\\0&3\end{pmatrix} == Matrix([[2, 0], [0, 3]])
    [0,1] == Interval(0, 1)
    (-\infty,1)\cup(2,\infty) == Union(Interval.open(-oo, 1), Interval.open(2, oo))
    52_8 != 528
    50\% == 0.5
    3\frac12 == 3.5
    x=3,y=4 == {y: 4, x: 3}
    x=3,y=4 != {y: 3, x: 4}
    (3,4) == [{x: 3, y: 4}]
    x=5 == [{x: 5}]
    \emptyset == EmptySet
    \emptyset == set()
    \mathbb{R} == Reals
    (2,3) == (2 < x) & (x < 3)
    (2,3) != (2 <= x) & (x < 3)
    (-\infty,2)\cup(3,\infty) == (x < 2) | (3 < x)
    y=2x+1 == Eq(y, 2*x + 1)
    5 == np.float64(5.0)
    \frac12 == Decimal('0.5')
    5 == '5'
    \text{even} == 'even'
    101_2 == 0b101
    101_2 != 5
    \sqrt[3]{-8} == -2
    i == (1.1102230246251565e-16+1j)
    5 != __import__('os')
"""
"""What programs print, under the rule of MATH."""

CLOSE = r"""
    6.6e-34 != 9.1e-31
    1.6e-19 != 0
    1.6e-19 == 1.6e-19
    1.6e-19 == 1.605e-19
    -1.6e-19 == -1.6e-19
    1.6e-19 != 1.7e-19
    12 \mathrm{~cm} == 12
    9.81 == 9.81005
    9.81 != 9.8
    9.81 == 9.81 \mathrm{~m} / \mathrm{s}^2
    1000000 == 1000001
    1000000 != 1000100
    $t^2$ == t \cdot t
    np.arcsin(10/13) == \arcsin{\frac{10}{13}}
    np.arcsin(10/13) != \arccos{\frac{10}{13}}
    +2 == 2
    y^{\prime \prime}+y=0 == y + y'' = 0
    y^{\prime}+y=0 != y''+y=0
    \[\frac{1}{b-a}\left(e^{-a t}-e^{-b t}\right)\] == \frac{e^{-at}-e^{-bt}}{b-a}
    5 \mathrm{keV} != 5 eV
    5 != \infty
    \infty != 5
    \infty == \infty
    5 != 10140!
    500 nm == 0.5 \mu m
    3000 \AA == 300 nm
    4.5e33 == 4.5 \times 10^{33}
"""
"""Under the rule of OCWCourses."""
