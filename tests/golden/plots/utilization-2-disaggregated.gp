# stageplan 0.1.0: draws utilization-2-disaggregated.svg and utilization-2-disaggregated.png of utilization-2-disaggregated.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'utilization-2-disaggregated'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,790 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,790 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Utilization over time: disaggregated" at screen 0.015,0.9747 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "scenario practical; first replication" at screen 0.015,0.9443 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0152 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set yrange [0:*]
set autoscale xfix
set lmargin at screen 0.0782
set rmargin at screen 0.7418
set tmargin at screen 0.8987
set bmargin at screen 0.6861
set key at screen 0.7600,0.8987 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set ylabel 'GPUs'
plot 'utilization-2-disaggregated.dat' using 1:(sum [c=2:5] column(c)) with fillsteps lc rgb '#dcdcdc' title 'unallocated', 'utilization-2-disaggregated.dat' using 1:(sum [c=2:3] column(c)) with fillsteps lc rgb '#6baed6' title 'idle: allocated, not busy', 'utilization-2-disaggregated.dat' using 1:(sum [c=2:2] column(c)) with fillsteps lc rgb '#08306b' title 'busy'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.0782
set rmargin at screen 0.7418
set tmargin at screen 0.6076
set bmargin at screen 0.3949
set ylabel 'CPUs'
plot 'utilization-2-disaggregated.dat' using 1:(sum [c=6:9] column(c)) with fillsteps lc rgb '#dcdcdc' title 'unallocated', 'utilization-2-disaggregated.dat' using 1:(sum [c=6:7] column(c)) with fillsteps lc rgb '#6baed6' title 'idle: allocated, not busy', 'utilization-2-disaggregated.dat' using 1:(sum [c=6:6] column(c)) with fillsteps lc rgb '#08306b' title 'busy'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.0782
set rmargin at screen 0.7418
set tmargin at screen 0.3165
set bmargin at screen 0.1038
set xlabel 'time (min)'
set ylabel 'items queued'
plot 'utilization-2-disaggregated.dat' using 1:10 with steps lw 1.5 lc rgb '#000000'
unset multiplot
set output
}
