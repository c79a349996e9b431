#!/bin/sh
# Builds the console's CSS and JavaScript into the package, where they are committed.
set -eu
cd "$(dirname "$0")"
out=../src/regulars/console/static/build
bin=node_modules/.bin
mkdir -p "$out"

"$bin/tailwindcss" --input css/app.css --output "$out/app.css" --minify
"$bin/esbuild" js/app.js js/charts.js js/theme.js \
    --bundle --minify --format=iife --target=es2022 --legal-comments=none --log-level=warning --outdir="$out"
# The members' pages have a small style and script of their own: phones load them over whatever network a shop has.
"$bin/esbuild" css/member.css js/member.js \
    --bundle --minify --format=iife --target=es2022,chrome100,safari15 --external:*.woff2 --legal-comments=none --log-level=warning \
    --entry-names=[name] --outdir="$out"
cp node_modules/htmx.org/dist/htmx.min.js "$out/htmx.js"
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 "$out/inter-latin-wght.woff2"

# What a cold page with a chart transfers, as gzip would send it (the font is compressed already).
gzip -9 -c "$out/app.css" "$out/app.js" "$out/charts.js" "$out/theme.js" "$out/htmx.js" | wc -c |
    awk -v font="$(wc -c < "$out/inter-latin-wght.woff2")" '{ printf "cold: %d KB\n", ($1 + font) / 1024 }'
gzip -9 -c "$out/member.css" "$out/member.js" "$out/htmx.js" | wc -c |
    awk -v font="$(wc -c < "$out/inter-latin-wght.woff2")" '{ printf "cold for members: %d KB\n", ($1 + font) / 1024 }'
