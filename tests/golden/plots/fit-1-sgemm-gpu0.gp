# stageplan 0.1.0: draws fit-1-sgemm-gpu0.svg and fit-1-sgemm-gpu0.png of fit-1-sgemm-gpu0.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'fit-1-sgemm-gpu0'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,720 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,720 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Kernel sgemm on gpu0" at screen 0.015,0.9722 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "profile host; fitted: a + b x (a 1, b 0.08); at most 10.0\045 off" at screen 0.015,0.9389 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0167 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set xlabel "m"
set grid x
set offsets graph 0.03,graph 0.03,0,0
set logscale xy
set format x '%.4g'
set format y '%.2g'
set lmargin at screen 0.0782
set rmargin at screen 0.7618
set tmargin at screen 0.8889
set bmargin at screen 0.5444
set key at screen 0.7800,0.8889 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set ylabel 'time of a call (s)'
plot 'fit-1-sgemm-gpu0.dat' using 1:4 with lines lw 2 lc rgb '#d55e00' title "the fitted form", 'fit-1-sgemm-gpu0.dat' using 1:2:3 with yerrorbars pt 7 ps 0.9 lw 1.5 lc rgb '#08306b' title 'measured, 95 % interval', 'fit-1-sgemm-gpu0.dat' using 1:($7==0?$2:NaN) with points pt 6 ps 2 lc rgb '#000000' title 'not converged'
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.0782
set rmargin at screen 0.7618
set tmargin at screen 0.4583
set bmargin at screen 0.1139
unset key
unset logscale y
set format y '%g'
set ylabel 'fitted against measured (%)'
plot 0 with lines lc rgb '#404040' notitle, 'fit-1-sgemm-gpu0.dat' using 1:5:6 with yerrorbars pt 7 ps 0.9 lw 1.5 lc rgb '#d55e00' notitle
unset multiplot
set output
}
