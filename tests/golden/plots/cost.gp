# stageplan 0.1.0: draws cost.svg and cost.png of cost.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'cost'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,560 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,560 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Cost by policy: practical" at screen 0.015,0.9643 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "USD of the run, by what it was paid for; mean of the replications" at screen 0.015,0.9214 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0214 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.0945
set rmargin at screen 0.7818
set tmargin at screen 0.8571
set bmargin at screen 0.1464
set key at screen 0.8000,0.8571 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set ylabel 'USD'
set yrange [0:*]
set offsets 0,0,graph 0.08,0
set boxwidth 0.6
set xtics noenhanced ("monolithic" 0, "disaggregated" 1)
set xtics norotate
set xrange [-0.6:1.6]
plot 'cost.dat' using 1:(sum [c=2:8] column(c)) with boxes fs solid 1 noborder lc rgb '#d95f0e' title 'stranded', 'cost.dat' using 1:(sum [c=2:7] column(c)) with boxes fs solid 1 noborder lc rgb '#6baed6' title 'idle', 'cost.dat' using 1:(sum [c=2:6] column(c)) with boxes fs solid 1 noborder lc rgb '#e6ab02' title 'boot', 'cost.dat' using 1:(sum [c=2:2] column(c)) with boxes fs solid 1 noborder lc rgb '#08306b' title 'work', 'cost.dat' using ($1-0.42):13:(0.84):(0) with vectors nohead lw 2.5 dt '-' lc rgb '#000000' title 'floor: no bill is lower', 'cost.dat' using 1:($11-$12):(0):(2*$12) with vectors heads size screen 0.006,90 lw 1.5 lc rgb '#000000' title '95 % interval', 'cost.dat' using 1:($12+$11):(stringcolumn(14)) with labels offset 0,0.9 noenhanced notitle
unset multiplot
set output
}
