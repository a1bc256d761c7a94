# stageplan 0.1.0: draws gantt-1-monolithic.svg and gantt-1-monolithic.png of gantt-1-monolithic.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'gantt-1-monolithic'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,550 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,550 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Nodes over time: monolithic" at screen 0.015,0.9636 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "all 30 nodes, in the order they were asked for; scenario practical, first replication" at screen 0.015,0.9200 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0218 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.0782
set rmargin at screen 0.7418
set tmargin at screen 0.8545
set bmargin at screen 0.1491
set key at screen 0.7600,0.8545 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
unset grid
set grid x lc rgb '#d8d8d8' lt 1
set xlabel 'time (min)'
set ylabel 'nodes'
set yrange [29.5:-0.5]
set xrange [0:*]
plot 'gantt-1-monolithic.dat' using ($3==0?$5:NaN):1:5:6:($1-0.4):($1+0.4) with boxxyerror fs solid 1 noborder lc rgb '#08306b' title "gpu-node, on-demand", 'gantt-1-monolithic.dat' using ($5>$4?$4:NaN):1:4:5:($1-0.4):($1+0.4) with boxxyerror fs pattern 4 border lc rgb '#d55e00' lc rgb '#d55e00' title 'booting', 'gantt-1-monolithic.dat' using ($7==0?$6:NaN):1 with points pt 2 ps 0.9 lw 1.5 lc rgb '#b2182b' title 'taken back by the cloud', 'gantt-1-monolithic.dat' using ($7==3?$6:NaN):1 with points pt 6 ps 0.9 lw 1.5 lc rgb '#4d4d4d' title 'ended as idle', NaN notitle
unset multiplot
set output
}
