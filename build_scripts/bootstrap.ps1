# Sets everything up on a fresh Windows, then starts.
#
#   powershell -ExecutionPolicy Bypass -File build_scripts\bootstrap.ps1 run
#       the window with a bundled sample open; with --headless, that sample's columns in .\output
#   powershell -ExecutionPolicy Bypass -File build_scripts\bootstrap.ps1 test
#       the whole test suite; what follows goes to pytest
#
# Needs Python 3.11 or newer, 64 bit; nothing is installed outside .venv.
# $env:ATOMSEGNET_TORCH_INDEX   address of an additional package index for another build of PyTorch
# $env:PYTHON                   interpreter to make .venv with

$ErrorActionPreference = "Stop"
$root = Split-Path -Parent $PSScriptRoot
Set-Location $root
$venv = Join-Path $root ".venv"
$venvPython = Join-Path $venv "Scripts\python.exe"
$pins = "build_scripts\pins.txt"

# Not Write-Error: it would print a stack of script lines around the sentence.
function Stop-WithMessage([string] $message, [int] $code = 1) {
    [Console]::Error.WriteLine("bootstrap: $message")
    exit $code
}

# ---- what was asked for ----

$verb = if ($args.Count -ge 1) { $args[0] } else { "" }
if ($verb -notin @("run", "test")) {
    Stop-WithMessage "usage: bootstrap.ps1 run|test [--headless]" 2
}
$rest = @($args | Select-Object -Skip 1)
$headless = $rest.Count -ge 1 -and $rest[0] -eq "--headless"
if ($headless) { $rest = @($rest | Select-Object -Skip 1) }

# ---- Python ----

function Test-Python([string] $program) {
    if (-not (Get-Command $program -ErrorAction SilentlyContinue)) { return $false }
    # What it writes to stderr is no reason for Windows PowerShell 5.1 to stop here.
    $ErrorActionPreference = "Continue"
    # The Store's placeholder python.exe is found, but exits with an error.
    & $program -c "import sys, venv; sys.exit(sys.version_info < (3, 11) or sys.maxsize < 2**32)" 2>$null
    return $LASTEXITCODE -eq 0
}

function Find-Python {
    $ErrorActionPreference = "Continue"
    foreach ($program in @($env:PYTHON, "python", "python3")) {
        if ($program -and (Test-Python $program)) { return $program }
    }
    foreach ($version in @("-3.13", "-3.12", "-3.11")) {
        if (Get-Command py -ErrorAction SilentlyContinue) {
            $path = & py $version -c "import sys; print(sys.executable)" 2>$null
            if ($LASTEXITCODE -eq 0) { return $path }
        }
    }
    return $null
}

if (-not (Test-Python $venvPython)) {
    $python = Find-Python
    if (-not $python) {
        Stop-WithMessage "Python 3.11 or newer, 64 bit, is needed; none was found. Install it and start again."
    }
    Write-Host "Making $venv with $python"
    & $python -m venv --clear $venv
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "the virtual environment could not be made" }
}

# ---- packages ----

function Install-Packages([string[]] $what) {
    $options = @("--disable-pip-version-check", "--no-input", "--constraint", $pins)
    if ($env:ATOMSEGNET_TORCH_INDEX) { $options += @("--extra-index-url", $env:ATOMSEGNET_TORCH_INDEX) }
    & $venvPython -m pip install @options @what
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "the Python packages could not be installed" }
}

$hashes = @("pyproject.toml", $pins) | ForEach-Object { (Get-FileHash $_ -Algorithm SHA256).Hash }
$fingerprint = ($hashes + $root) -join " "
$runStamp = Join-Path $venv "installed-run"
$testStamp = Join-Path $venv "installed-test"

function Test-Stamp([string] $path) {
    return (Test-Path $path) -and ((Get-Content -Raw $path).Trim() -eq $fingerprint)
}

if (-not (Test-Stamp $testStamp) -and -not ($verb -eq "run" -and (Test-Stamp $runStamp))) {
    Write-Host "Installing Python packages into $venv"
    Remove-Item -Force -ErrorAction SilentlyContinue $runStamp, $testStamp
    Install-Packages @("hatchling")
    $project = if ($verb -eq "test") { ".[test]" } else { "." }
    Install-Packages @("--no-build-isolation", "--editable", $project)
    $stamp = if ($verb -eq "test") { $testStamp } else { $runStamp }
    Set-Content -Path $stamp -Value $fingerprint
}

# ---- go ----

if ($verb -eq "test" -or $headless) { $env:QT_QPA_PLATFORM = "offscreen" }
if ($verb -eq "test") {
    & $venvPython -m pytest @rest
} elseif ($headless) {
    & $venvPython -m atomsegnet --headless --sample --output output --overwrite @rest
} else {
    & $venvPython -m atomsegnet --sample @rest
}
exit $LASTEXITCODE
