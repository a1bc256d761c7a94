# Each folder: the scenario, its README, the output it must give, and values from elsewhere.
# tests/e2e_examples.sh runs them all.
EXTRA_DIST += \
	%D%/azure-hour \
	%D%/azure-serving \
	%D%/calibrated \
	%D%/distserve \
	%D%/diurnal-chat \
	%D%/five-times \
	%D%/image-generation \
	%D%/mooncake \
	%D%/one-pool \
	%D%/openb \
	%D%/philly-pool \
	%D%/plan-chat \
	%D%/plan-practical \
	%D%/plan-spot \
	%D%/practical \
	%D%/resnet-ingest \
	%D%/retinanet-control \
	%D%/split-or-not \
	%D%/splitwise \
	%D%/spot-deadline \
	%D%/stable-diffusion \
	%D%/team-pool \
	%D%/vllm-llama-8b \
	%D%/vllm-qwen-32b

# Installed with the documentation, each in its folder.
install-data-local: install-examples
install-examples:
	for file in $(srcdir)/%D%/*/*.yaml $(srcdir)/%D%/*/*.awk $(srcdir)/%D%/*/README.md; do \
		folder=$$(basename "$$(dirname "$$file")"); \
		$(MKDIR_P) "$(DESTDIR)$(docdir)/examples/$$folder" && \
		$(INSTALL_DATA) "$$file" "$(DESTDIR)$(docdir)/examples/$$folder" || exit 1; \
	done
uninstall-local: uninstall-examples
uninstall-examples:
	rm -rf "$(DESTDIR)$(docdir)/examples"
.PHONY: install-examples uninstall-examples
