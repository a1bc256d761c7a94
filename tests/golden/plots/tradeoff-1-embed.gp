# stageplan 0.1.0: draws tradeoff-1-embed.svg and tradeoff-1-embed.png of tradeoff-1-embed.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'tradeoff-1-embed'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,540 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,540 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "What the money buys: embed" at screen 0.015,0.9630 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "a point for each policy, bars: 95 \045 intervals; scenario practical" at screen 0.015,0.9185 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0222 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set ylabel 'USD'
set yrange [0:*]
set grid x
set offsets 0,graph 0.05,graph 0.08,0
set lmargin at screen 0.0945
set rmargin at screen 0.3809
set tmargin at screen 0.8074
set bmargin at screen 0.1519
set key at screen 0.7800,0.8074 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set title 'Cost against SLO attainment' offset 0,-0.6
set xrange [0:105]
set xlabel 'requests that met the SLO (%)'
plot 'tradeoff-1-embed.dat' index 0 every ::0::0 using 2:4:($3):($5) with xyerrorbars ps 1.4 lw 1.5 lc rgb '#0072b2' pt 5 title "monolithic", 'tradeoff-1-embed.dat' index 0 every ::1::1 using 2:4:($3):($5) with xyerrorbars ps 1.4 lw 1.5 lc rgb '#d55e00' pt 7 title "disaggregated", 'tradeoff-1-embed.dat' index 0 using 2:($6==1?$4:NaN) with points pt 6 ps 2.6 lw 1.5 lc rgb '#404040' title 'on the front'
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4755
set rmargin at screen 0.7618
set tmargin at screen 0.8074
set bmargin at screen 0.1519
set title 'Cost against end-to-end p99' offset 0,-0.6
set xrange [0:*]
set xlabel 'end to end, p99 (s)'
plot 'tradeoff-1-embed.dat' index 2 every ::0::0 using 2:4:($3):($5) with xyerrorbars ps 1.4 lw 1.5 lc rgb '#0072b2' pt 5 title "monolithic", 'tradeoff-1-embed.dat' index 2 every ::1::1 using 2:4:($3):($5) with xyerrorbars ps 1.4 lw 1.5 lc rgb '#d55e00' pt 7 title "disaggregated", 'tradeoff-1-embed.dat' index 2 using 2:($6==1?$4:NaN) with points pt 6 ps 2.6 lw 1.5 lc rgb '#404040' title 'on the front'
unset key
unset multiplot
set output
}
