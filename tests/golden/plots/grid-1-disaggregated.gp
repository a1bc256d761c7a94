# stageplan 0.1.0: draws grid-1-disaggregated.svg and grid-1-disaggregated.png of grid-1-disaggregated.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'grid-1-disaggregated'
do for [kind in 'svg png'] {
reset
if (kind eq 'svg') { set terminal svg noenhanced size 1100,620 font 'sans-serif,13' background '#ffffff' } else { set terminal pngcairo noenhanced size 1100,620 font 'sans,10' background '#ffffff' }
set output out.'.'.kind
set datafile missing '?'
set border 3 lc rgb '#606060'
set tics nomirror out noenhanced
set grid y lc rgb '#d8d8d8' lt 1
set style fill solid 1 noborder
set multiplot
set label 1 "Cost of disaggregated against monolithic" at screen 0.015,0.9677 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "cost ratio, below 1 it is cheaper; runs of scenario practical that differ in these two inputs alone" at screen 0.015,0.9290 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0194 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.1000
set rmargin at screen 0.8218
set tmargin at screen 0.8710
set bmargin at screen 0.1323
set key at screen 0.8400,0.8710 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set xtics noenhanced ('1' 0, '2' 1)
set xrange [-0.5:1.5]
set xlabel "gpu-node: nodes"
set ytics noenhanced ('2' 0, '4' 1)
set yrange [-0.5:1.5]
set ylabel "gpu-node: price (USD/h)"
unset grid
set palette defined (-1 '#4393c3', -0.5 '#92c5de', 0 '#f7f7f7', 0.5 '#f4a582', 1 '#d6604d')
set cbrange [0.5:2]
set logscale cb
set colorbox user origin screen 0.87,0.16 size screen 0.02,0.55
set cblabel 'cost ratio'
set format cb '%.3g'
set cbtics (0.5, 1, 2)
plot 'grid-1-disaggregated.dat' index 0 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):5 with boxxyerror fs solid 1 border lc rgb '#ffffff' fc palette notitle, 'grid-1-disaggregated.dat' index 0 using 1:2:(sprintf('%.3g',$5)) with labels noenhanced notitle, 'grid-1-disaggregated.dat' index 1 using 1:2 with lines lw 3 dt '-' lc rgb '#000000' title 'break-even'
unset multiplot
set output
}
