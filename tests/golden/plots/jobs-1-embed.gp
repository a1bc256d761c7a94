# stageplan 0.1.0: draws jobs-1-embed.svg and jobs-1-embed.png of jobs-1-embed.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'jobs-1-embed'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,940 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,940 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Jobs: embed" at screen 0.015,0.9787 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "means over the replications; scenario practical" at screen 0.015,0.9532 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 1 replication, scenario.yaml" at screen 0.015,0.0128 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set yrange [0:*]
set xtics noenhanced ("all" 0, "vision" 1, "speech" 2, "search" 3, "1 GPU" 4, "2-8 GPUs" 5, "more than 8 GPUs" 6)
set xtics rotate by -30
set xrange [-0.6:6.6]
set lmargin at screen 0.0782
set rmargin at screen 0.4009
set tmargin at screen 0.8894
set bmargin at screen 0.5809
set key at screen 0.8200,0.8894 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set title 'Queue wait, mean' offset 0,-0.6
set ylabel 'h'
set boxwidth 0.3864
plot 'jobs-1-embed.dat' index 0 using ($1+-0.2100):2 with boxes lc rgb '#0072b2' title "monolithic", 'jobs-1-embed.dat' index 0 using ($1+0.2100):3 with boxes lc rgb '#d55e00' title "disaggregated"
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4791
set rmargin at screen 0.8018
set tmargin at screen 0.8894
set bmargin at screen 0.5809
set title 'Queue wait, 99th percentile' offset 0,-0.6
set ylabel 'days'
set boxwidth 0.3864
plot 'jobs-1-embed.dat' index 0 using ($1+-0.2100):4 with boxes lc rgb '#0072b2' title "monolithic", 'jobs-1-embed.dat' index 0 using ($1+0.2100):5 with boxes lc rgb '#d55e00' title "disaggregated"
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.0782
set rmargin at screen 0.4009
set tmargin at screen 0.4426
set bmargin at screen 0.1340
set title 'Completion, mean' offset 0,-0.6
set ylabel 'h'
set boxwidth 0.3864
plot 'jobs-1-embed.dat' index 0 using ($1+-0.2100):6 with boxes lc rgb '#0072b2' title "monolithic", 'jobs-1-embed.dat' index 0 using ($1+0.2100):7 with boxes lc rgb '#d55e00' title "disaggregated"
unset key
unset label 1
unset label 2
unset label 3
set lmargin at screen 0.4791
set rmargin at screen 0.8018
set tmargin at screen 0.4426
set bmargin at screen 0.1340
set title 'What the waiting was for' offset 0,-0.6
set ylabel '%'
set yrange [0:100]
set boxwidth 0.6
set key at screen 0.83,0.48 left top vertical Left reverse noenhanced samplen 2
set xtics noenhanced ("monolithic" 0, "disaggregated" 1)
set xtics norotate
set xrange [-0.6:1.6]
set xtics rotate by -30
plot 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:8] column(c)) with boxes lc rgb '#dcdcdc' title 'start-up', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:7] column(c)) with boxes lc rgb '#7f0000' title 'spot loss', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:6] column(c)) with boxes lc rgb '#807dba' title 'gang', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:5] column(c)) with boxes lc rgb '#fdd0a2' title 'fragmentation', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:4] column(c)) with boxes lc rgb '#d95f0e' title 'capacity', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:3] column(c)) with boxes lc rgb '#6baed6' title 'head of line', 'jobs-1-embed.dat' index 1 using 1:(sum [c=2:2] column(c)) with boxes lc rgb '#08306b' title 'quota'
unset multiplot
set output
}
