# stageplan 0.1.0: draws serving-1-embed.svg and serving-1-embed.png of serving-1-embed.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'serving-1-embed'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,860 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,860 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Serving: embed" at screen 0.015,0.9767 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "latencies, means over the replications; SLO over time, first replication; scenario practical" at screen 0.015,0.9488 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0140 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set yrange [0:*]
set boxwidth 0.23
set xtics noenhanced ("monolithic" 0, "disaggregated" 1)
set xtics norotate
set xrange [-0.6:1.6]
set lmargin at screen 0.0782
set rmargin at screen 0.4009
set tmargin at screen 0.8791
set bmargin at screen 0.5372
set key at screen 0.8200,0.8791 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set title 'Time to first token' offset 0,-0.6
set ylabel 's'
plot 'serving-1-embed.dat' index 0 using ($1+-0.25):2 with boxes lc rgb '#9ecae1' title 'p50', 'serving-1-embed.dat' index 0 using ($1+0.00):3 with boxes lc rgb '#3182bd' title 'p90', 'serving-1-embed.dat' index 0 using ($1+0.25):4 with boxes lc rgb '#08306b' title 'p99'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4791
set rmargin at screen 0.8018
set tmargin at screen 0.8791
set bmargin at screen 0.5372
set title 'Time per output token' offset 0,-0.6
set ylabel 'ms'
plot 'serving-1-embed.dat' index 0 using ($1+-0.25):5 with boxes lc rgb '#9ecae1' title 'p50', 'serving-1-embed.dat' index 0 using ($1+0.00):6 with boxes lc rgb '#3182bd' title 'p90', 'serving-1-embed.dat' index 0 using ($1+0.25):7 with boxes lc rgb '#08306b' title 'p99'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.0782
set rmargin at screen 0.4009
set tmargin at screen 0.4372
set bmargin at screen 0.0953
set title 'End to end' offset 0,-0.6
set ylabel 's'
plot 'serving-1-embed.dat' index 0 using ($1+-0.25):8 with boxes lc rgb '#9ecae1' title 'p50', 'serving-1-embed.dat' index 0 using ($1+0.00):9 with boxes lc rgb '#3182bd' title 'p90', 'serving-1-embed.dat' index 0 using ($1+0.25):10 with boxes lc rgb '#08306b' title 'p99'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4791
set rmargin at screen 0.8018
set tmargin at screen 0.4372
set bmargin at screen 0.0953
set title 'Requests that met the SLO' offset 0,-0.6
set ylabel '%'
set xtics autofreq norotate
set xlabel 'time (min)'
set yrange [0:105]
set xrange [0:*]
set key at screen 0.83,0.480 left top vertical Left reverse noenhanced samplen 2
plot 'serving-1-embed.dat' index 1 using 1:2 with linespoints ps 0.6 lw 1.5 lc rgb '#0072b2' dt 1 pt 5 title "monolithic", 'serving-1-embed.dat' index 2 using 1:2 with linespoints ps 0.6 lw 1.5 lc rgb '#d55e00' dt '-' pt 7 title "disaggregated"
unset multiplot
set output
}
