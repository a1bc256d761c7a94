# stageplan 0.1.0: draws tornado-2-disaggregated.svg and tornado-2-disaggregated.png of tornado-2-disaggregated.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'tornado-2-disaggregated'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,310 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,310 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "What would change the answer: disaggregated" at screen 0.015,0.9355 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "saving against monolithic, one input at a time; prices by 20 \045 either way" at screen 0.015,0.8581 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0387 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.2818
set rmargin at screen 0.8218
set tmargin at screen 0.7419
set bmargin at screen 0.2645
set key at screen 0.8400,0.7419 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
unset grid
set grid x
set xlabel 'saving (USD)'
set offsets 0,0,0,0
set ytics noenhanced ("fleet: gpu-node: price: 2 .. 4 USD/h" 0, "price of gpu-node: 25.60 .. 38.40 USD/h" 1, "fleet: gpu-node: nodes: 1 .. 2" 2, "price of cpu-node: 3.200 .. 4.800 USD/h" 3)
set yrange [3.6:-0.6]
set arrow from first 10, graph 0 to first 10, graph 1 nohead lc rgb '#404040' front
set arrow from first 0, graph 0 to first 0, graph 1 nohead lw 1.5 dt '-' lc rgb '#b2182b' front
plot 'tornado-2-disaggregated.dat' using 5:1:5:6:($1-0.3):($1+0.3) with boxxyerror fs solid 1 noborder lc rgb '#6baed6' title 'input lower', 'tornado-2-disaggregated.dat' using 7:1:6:7:($1-0.3):($1+0.3) with boxxyerror fs pattern 4 border lc rgb '#08306b' lc rgb '#08306b' title 'input higher', NaN with lines lw 1.5 dt '-' lc rgb '#b2182b' title 'break-even'
unset multiplot
set output
}
