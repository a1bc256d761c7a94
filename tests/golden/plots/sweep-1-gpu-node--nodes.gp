# stageplan 0.1.0: draws sweep-1-gpu-node--nodes.svg and sweep-1-gpu-node--nodes.png of sweep-1-gpu-node--nodes.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'sweep-1-gpu-node--nodes'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,500 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,500 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Against gpu-node: nodes" at screen 0.015,0.9600 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "fleet; 2 runs of scenario practical that differ in it alone" at screen 0.015,0.9120 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0240 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set xlabel "gpu-node: nodes"
set yrange [0:*]
set grid x
set offsets graph 0.04,graph 0.04,graph 0.05,0
set lmargin at screen 0.0782
set rmargin at screen 0.3809
set tmargin at screen 0.7920
set bmargin at screen 0.1640
set key at screen 0.7800,0.7920 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set ylabel 'cost (USD)'
plot 'sweep-1-gpu-node--nodes.dat' index 0 using 1:2:3 with yerrorlines lw 1.5 lc rgb '#0072b2' dt 1 pt 5 title "monolithic", 'sweep-1-gpu-node--nodes.dat' index 1 using 1:2:3 with yerrorlines lw 1.5 lc rgb '#d55e00' dt '-' pt 7 title "disaggregated"
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4591
set rmargin at screen 0.7618
set tmargin at screen 0.7920
set bmargin at screen 0.1640
set ylabel 'time of the run (min)'
plot 'sweep-1-gpu-node--nodes.dat' index 0 using 1:4:5 with yerrorlines lw 1.5 lc rgb '#0072b2' dt 1 pt 5 title "monolithic", 'sweep-1-gpu-node--nodes.dat' index 1 using 1:4:5 with yerrorlines lw 1.5 lc rgb '#d55e00' dt '-' pt 7 title "disaggregated"
unset multiplot
set output
}
