# stageplan 0.1.0: draws latency-1-embed.svg and latency-1-embed.png of latency-1-embed.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'latency-1-embed'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,520 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,520 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Times of embed, by policy" at screen 0.015,0.9615 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "share of all that took at most so long; scenario practical, first replication" at screen 0.015,0.9154 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0231 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set format x '%.3g'
set grid x
set yrange [0:102]
set ylabel '%'
set lmargin at screen 0.0782
set rmargin at screen 0.7618
set tmargin at screen 0.8462
set bmargin at screen 0.1577
set key at screen 0.7800,0.8462 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set xlabel 'End to end (s)'
unset arrow
unset label 9
set logscale x
set xrange [0.8:20]
plot 'latency-1-embed.dat' index 0 using 1:2 with steps lw 2 lc rgb '#0072b2' dt 1 title "monolithic", 'latency-1-embed.dat' index 1 using 1:2 with steps lw 2 lc rgb '#d55e00' dt '-' title "disaggregated", NaN notitle
unset key
unset multiplot
set output
}
