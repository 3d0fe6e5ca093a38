"""Texts and their canonical layout."""

from __future__ import annotations

LONG = "a_name_of_thirty_characters_xx"

# What the left side becomes; where there is one text, it is in the canonical layout.
CASES = {
    "statements": ("a=b;c  =  d ;; e=f", "a = b\nc = d\ne = f\n"),
    "operators": ("a = b+c*d-e/-f|>g", "a = b + c * d - e / -f |> g\n"),
    "brackets": ("a = f( [ 1,2 , ], k = 3 , )[ 0 ] . b ( )", "a = f([1, 2], k=3)[0].b()\n"),
    "words": (
        'shared  encoder f( x,n = 3 )=x ;import  "a.rl2"  as b; param p=1;loss l=x; output a,b:pi , c = d',
        'shared encoder f(x, n=3) = x\nimport "a.rl2" as b\nparam p = 1\nloss l = x\n'
        "output a, b: pi, c = d\n",
    ),
    "groups": (
        "agents  a,b{x=y};ensemble [ 5 ]head q=x;def f(){return x}",
        "agents a, b { x = y }\nensemble[5] head q = x\ndef f() { return x }\n",
    ),
    "types": (
        'input a:f32 [ 3 ];input b : {c:f32[n*2],"d e":{},f:image[]}',
        'input a: f32[3]\ninput b: { c: f32[n * 2], "d e": {}, f: image }\n',
    ),
    "literals": (
        r'a = [007, 1., .5, 1E-4, 1.50, "a\"b", true]',
        'a = [007, 1., .5, 1E-4, 1.50, "a\\"b", true]\n',
    ),
    "parentheses": (
        "a = ((b)) + (c * d) - (e + (f)) * (-(g)) ; b = -(-c) * (d |> e) |> (f |> g) |> (-h)",
        "a = b + c * d - (e + f) * -g\nb = --c * (d |> e) |> (f |> g) |> (-h)\n",
    ),
    "parentheses that keep words and numbers apart": (
        "a = (1).b |> (for) |> f((for))(1 .c)",
        "a = (1).b |> (for) |> f(for)((1).c)\n",
    ),
    "versions": ("#!/bin/rl2\n rl2   1\n\n\na = b", "#!/bin/rl2\nrl2 1\n\na = b\n"),
    "blank lines": ("\n\na = b\n\n\n  \nc = d\n;\n\ne = f\n\n\n", "a = b\n\nc = d\n\ne = f\n"),
    "blank lines in a block": (
        "def f(x) {\n\n  a = x\n\n\n  # c\n\n  return a\n\n}",
        "def f(x) {\n  a = x\n\n  # c\n\n  return a\n}\n",
    ),
    "a block over lines": ("def f(x) {a = x; return a\n}", "def f(x) {\n  a = x\n  return a\n}\n"),
    "a block behind an equals sign": ("def f(x) = { return x }", "def f(x) { return x }\n"),
    "annotations": ("@ frozen\n\n@lr( 1e-4 )\na = b", "@frozen @lr(1e-4) a = b\n"),
    "annotations with a comment": ("@frozen() # why\n@lr(1)\na = b", "@frozen  # why\n@lr(1)\na = b\n"),
    "nothing": (" \n\n ; \n", ""),
    "only comments": ("\n#a\n\n\n # b\n", "# a\n\n# b\n"),
    "marks of comments": ("#a\n#!b\n##c\n#\n#  d  \n#\te\n", "# a\n#!b\n##c\n#\n#  d\n#\te\n"),
    "comments of statements": (
        "a = b #1\n; #2\nc = d; # 3\n # 4\n\n   # 5",
        "a = b  # 1\n# 2\nc = d  # 3\n# 4\n\n# 5\n",
    ),
    "comments in a block": (
        "def f(x) { #1\n #2\n a = x #3\n\n #4\n\n }#5",
        "def f(x) {  # 1\n  # 2\n  a = x  # 3\n\n  # 4\n}  # 5\n",
    ),
    "comments among arguments": (
        "a = f(#1\n x, #2\n #3\n y#4\n , k= #5\n z #6\n #7\n )",
        "a = f(  # 1\n  x,  # 2\n  # 3\n  y,  # 4\n  # 5\n  k=z,  # 6\n  # 7\n)\n",
    ),
    "comments in empty brackets": ("a = f(\n # 1\n )([#2\n ])", "a = f(\n  # 1\n)(\n  [  # 2\n  ],\n)\n"),
    "comments among stages": (
        "a = x #1\n #2\n|> f #3\n #4\n|> g |> h #5",
        "a = x  # 1\n  # 2\n  |> f  # 3\n  # 4\n  |> g |> h  # 5\n",
    ),
    "stages that are commented out": (
        "a = x |> f # 1\n    # |> g\n # |> h\n# 2\n  # 3\nb = x |> f\n\n  # 4\n  # 5",
        "a = x\n  |> f  # 1\n  # |> g\n  # |> h\n# 2\n# 3\nb = x |> f\n\n# 4\n# 5\n",
    ),
    "a stage of an output that is commented out": (
        "output a = x |> f, b = y |> g\n  # |> h",
        "output a = x |> f, b = y\n  |> g\n  # |> h\n",
    ),
    "a stage behind a loop that is commented out": (
        "a = x |> for c in d { f |> g }\n  # |> h",
        "a = x\n  |> for c in d { f |> g }\n  # |> h\n",
    ),
    "a comment that finds no place in its statement": ("a = (b\n # 1\n .c)", "a = b.c  # 1\n"),
    "indented comments behind other statements": ("a = f(x |> g)\n  # 1", "a = f(x |> g)\n# 1\n"),
    "comments in a loop": (
        "a = x |> for c in d { #1\n #2\n f #3\n #4\n }",
        "a = x\n  |> for c in d {  # 1\n    # 2\n    f  # 3\n    # 4\n  }\n",
    ),
    "comments among operands": (
        "a = ( #1\n b + #2\n #3\n (c #4\n |> d)\n #5\n )",
        "a = (  # 1\n  b  # 2\n  # 3\n  + (\n    c  # 4\n    |> d\n  )\n  # 5\n)\n",
    ),
    "a comment keeps parentheses": ("a = (\n # 1\n b |> f\n )", "a = (\n  # 1\n  b |> f\n)\n"),
    "comments in a record": (
        "input a: {#1\n b: #2\n f32[ #3\n 3], # 4\n }",
        "input a: {  # 1\n  # 2\n  b: f32[  # 3\n    3,\n  ],  # 4\n}\n",
    ),
    "comments where none can stay": ("a = f(b # 1\n . # 2\n c)", "a = f(\n  b.c,  # 1\n  # 2\n)\n"),
    "a comment behind a sign in parentheses": (
        "a = b((-(# 1\n c))())",
        "a = b(\n  (  # 1\n    -c\n  )(),\n)\n",
    ),
    "a comment in a count": ("ensemble[5 # five\n ] q = x", "ensemble[\n  5  # five\n] q = x\n"),
    "aligned comments": (
        "a = b # 1\nccc = d # 2\n\ne = f # 3\n  |> g # 4\n  |> hhhh # 5",
        "a = b    # 1\nccc = d  # 2\n\ne = f  # 3\n  |> g     # 4\n  |> hhhh  # 5\n",
    ),
    "comments that cannot be aligned": (
        f"a = f({LONG}) # {'x' * 50}\nb = f({LONG}, {LONG}) # y",
        f"a = f({LONG})  # {'x' * 50}\nb = f({LONG}, {LONG})  # y\n",
    ),
    "a comment is no part of the width": (f"a = f(b)  # {'x' * 200}\n", None),
    "a long pipeline": (
        "a = x |> conv2d(32, kernel=8, stride=4) |> relu |> conv2d(64, kernel=4, stride=2) |> relu"
        " |> g(hhhhh)",
        "a = x\n  |> conv2d(32, kernel=8, stride=4)\n  |> relu\n  |> conv2d(64, kernel=4, stride=2)\n"
        "  |> relu\n  |> g(hhhhh)\n",
    ),
    "a long pipeline on lines of the author's": (
        "a = x |> conv2d(32, kernel=8, stride=4) |> relu\n|> conv2d(64, kernel=4, stride=2) |> relu"
        "\n |> g(h) |> i",
        "a = x\n  |> conv2d(32, kernel=8, stride=4) |> relu\n  |> conv2d(64, kernel=4, stride=2) |> relu\n"
        "  |> g(h) |> i\n",
    ),
    "a short pipeline on lines of the author's": ("a = x\n  |> f\n  |> g", "a = x |> f |> g\n"),
    "a long pipeline among arguments": (
        f"a = f(x |> {LONG} |> {LONG} |> {LONG} |> g, y)",
        f"a = f(\n  x\n    |> {LONG}\n    |> {LONG}\n    |> {LONG}\n    |> g,\n  y,\n)\n",
    ),
    "a long loop": (
        f"a = x |> for c in d {{ {LONG} |> {LONG} |> {LONG} |> f }} |> g",
        f"a = x\n  |> for c in d {{\n    {LONG}\n    |> {LONG}\n    |> {LONG}\n    |> f\n  }}\n  |> g\n",
    ),
    "a loop that fits between its braces": (
        f"a = x |> for c in {LONG} {{ {LONG} |> {LONG} |> f }} |> g",
        f"a = x\n  |> for c in {LONG} {{\n    {LONG} |> {LONG} |> f\n  }}\n  |> g\n",
    ),
    "a long sum": (
        f"aa = {LONG} + {LONG} * {LONG}",
        f"aa = (\n  {LONG} + {LONG} * {LONG}\n)\n",
    ),
    "a longer sum": (
        f"a = {LONG} + {LONG} * {LONG} - {LONG}",
        f"a = (\n  {LONG}\n  + {LONG} * {LONG}\n  - {LONG}\n)\n",
    ),
    "a long list": (
        f"a = [{LONG}, {LONG}, {LONG}, b]",
        f"a = [\n  {LONG},\n  {LONG},\n  {LONG},\n  b,\n]\n",
    ),
    "a long record": (
        f"input a: {{{LONG}: f32, b: f32[3], {LONG}: {{c: f32}}, d: f32[12]}}",
        f"input a: {{\n  {LONG}: f32,\n  b: f32[3],\n  {LONG}: {{ c: f32 }},\n  d: f32[12],\n}}\n",
    ),
    "a long definition": (
        f"def f(x, {LONG}=3, {LONG}=4, {LONG}=5) {{ return x }}",
        f"def f(\n  x,\n  {LONG}=3,\n  {LONG}=4,\n  {LONG}=5,\n) {{ return x }}\n",
    ),
    "a long block on one line": (
        f"def f(x) {{ {LONG} = x; b = {LONG}; return f({LONG}) }}",
        f"def f(x) {{\n  {LONG} = x\n  b = {LONG}\n  return f({LONG})\n}}\n",
    ),
    "long annotations": (
        f"@frozen @load({LONG}, key={LONG}) a = {LONG}",
        f"@frozen\n@load({LONG}, key={LONG})\na = {LONG}\n",
    ),
}  # fmt: skip
