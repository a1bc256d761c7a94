# stageplan 0.1.0: draws waterfall-2-disaggregated.svg and waterfall-2-disaggregated.png of waterfall-2-disaggregated.dat, in this folder
set encoding utf8
if (!exists('out')) out = 'waterfall-2-disaggregated'
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
set label 1 "What moves the bill: monolithic to disaggregated" at screen 0.015,0.9643 left font (kind eq 'svg' ? ',18' : ',14') noenhanced
set label 2 "USD of the run, in steps that add up exactly; scenario practical" at screen 0.015,0.9214 left tc rgb '#505050' noenhanced
set label 3 "stageplan 0.1.0, seed 7, 2 replications, scenario.yaml" at screen 0.015,0.0214 left font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070' noenhanced
set lmargin at screen 0.0945
set rmargin at screen 0.8418
set tmargin at screen 0.8571
set bmargin at screen 0.2321
set key at screen 0.8600,0.8571 left top vertical Left reverse noenhanced samplen 2 width -2 maxrows 40
set ylabel 'USD'
set yrange [*<0:*]
set offsets 0,0,graph 0.08,0
set xtics noenhanced rotate by -20 ("monolithic" 0, 'node mix' 1, 'idle' 2, 'stranded' 3, 'boot' 4, "disaggregated" 5)
set xrange [-0.6:5.6]
plot 'waterfall-2-disaggregated.dat' using ($5==0?$1:NaN):2:($1-0.36):($1+0.36):2:3 with boxxyerror fs solid 1 noborder lc rgb '#4d4d4d' title 'the bill', 'waterfall-2-disaggregated.dat' using ($5==1?$1:NaN):2:($1-0.36):($1+0.36):2:3 with boxxyerror fs solid 1 noborder lc rgb '#d55e00' title 'costs more', 'waterfall-2-disaggregated.dat' using ($5==-1?$1:NaN):2:($1-0.36):($1+0.36):2:3 with boxxyerror fs pattern 4 border lc rgb '#0072b2' lc rgb '#0072b2' title 'costs less', 'waterfall-2-disaggregated.dat' using ($1+0.36):3:(0.28):(0) with vectors nohead lc rgb '#909090' notitle, 'waterfall-2-disaggregated.dat' using 1:($2>$3?$2:$3):(stringcolumn(6)) with labels offset 0,0.8 noenhanced notitle
unset multiplot
set output
}
