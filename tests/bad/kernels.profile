# A profile made up for tests; not called .yaml, which would make it a mistake.
stageplan_profile: 1
created: 2026-11-22T20:00:00Z
tool: stageplan 0.1.0
mode: import
campaigns: 1
devices:
  - { name: cpu, kind: cpu, model: "made up CPU", cores: 2 }
  - { name: gpu0, kind: gpu, model: "NVIDIA H100 80GB HBM3", catalog: H100-SXM5-80GB }
  - { name: gpu1, kind: gpu, model: "made up GPU" }
kernels:
  - name: point
    device: cpu
    table: [{ x: 1, seconds: 0.01 }]
    uncertainty: { within: 0.1, between: 0.05, floor: 0.03, sd: 0.1 }
  - name: line
    device: cpu
    item: one text
    axis: bytes
    table: [{ x: 1000, seconds: 0.001 }, { x: 100000, seconds: 0.1 }]
    fits:
      - { form: linear, coefficients: [0, 1e-6], covariance: [[0, 0], [0, 0]], rms: 0, max: 0, aicc: -9 }
  - name: rows
    device: cpu
    item: one row
    axis: m
    calls: per-task
    table: [{ x: 1, seconds: 0.01 }, { x: 4, seconds: 0.02 }, { x: 16, seconds: 0.04 }]
  - name: spread
    device: cpu
    table: [{ x: 1, seconds: 0.01 }]
    item_cv: 0.5
  - name: shared
    device: cpu
    axis: n
    table: [{ x: 1, seconds: 0.01 }, { x: 10, seconds: 0.1 }]
    scaling:
      { kind: usl, cores: [1, 2], speedup: [1, 1.6], sd: [0, 0.01], sigma: 0.25, kappa: 0,
        covariance: [[1e-4, 0], [0, 0]] }
    converged: false
    why: the core was never quiet
  - name: image
    device: cpu
    item: one image
    axis: megapixels
    table: [{ x: 0.5, seconds: 0.005 }, { x: 8, seconds: 0.08 }]
    features:
      { names: [bytes, megapixels], least: [10000, 0.5], most: [1000000, 8],
        coefficients: [0.001, 1e-8, 0.008], covariance: [[0, 0, 0], [0, 0, 0], [0, 0, 0]], r2: 1, cv: 0.1 }
    item_cv: 0.3
  - name: gemm
    device: gpu0
    item: one row of 8192 x 8192
    axis: m
    calls: per-task
    bound: compute
    parameters: { format: bf16 }
    table: [{ x: 1, seconds: 0.0001 }, { x: 100, seconds: 0.01 }]
    fits:
      - { form: linear, coefficients: [0, 1e-4], covariance: [[0, 0], [0, 0]], rms: 0, max: 0, aicc: -9 }
    uncertainty: { within: 0.02, between: 0.01, floor: 0.03, sd: 0.03 }
  - name: gemm
    device: gpu1
    axis: m
    calls: per-task
    table: [{ x: 1, seconds: 0.001 }, { x: 100, seconds: 0.1 }]
complete: true
