# stageplan 0.1.0: draws roofline.svg and roofline.png of roofline.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'roofline'
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
set label 1 "Roofline of calibrated kernels: practical" at screen 0.015,0.9643 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "calls at the largest size measured; a device\047s roof is the lesser of its operations and of what its memory feeds" at screen 0.015,0.9214 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0214 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.0945
set rmargin at screen 0.7418
set tmargin at screen 0.8571
set bmargin at screen 0.1464
set key at screen 0.7600,0.8571 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set logscale xy
set grid x
set format x '%.3g'
set format y '%.0e'
set xlabel 'operations for each byte moved (flop/byte)'
set ylabel 'reached (flop/s)'
plot 'roofline.dat' index 1 with lines lw 2 lc rgb '#0072b2' dt 1 title "gpu0, datasheet", 'roofline.dat' index 0 every ::0::0 using 2:3 with points ps 1.6 lc rgb '#0072b2' pt 5 title "sgemm"
unset multiplot
set output
}
