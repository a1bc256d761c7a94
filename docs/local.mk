nobase_dist_doc_DATA += \
	%D%/calibration.md \
	%D%/design.md \
	%D%/database.md \
	%D%/exports.md \
	%D%/performance.md \
	%D%/scale.md \
	%D%/scenario.md \
	%D%/traces.md \
	%D%/validation.md
dist_man_MANS += \
	%D%/stageplan.1 \
	%D%/stageplan-profile.5 \
	%D%/stageplan-scenario.5
