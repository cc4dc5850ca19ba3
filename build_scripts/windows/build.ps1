# Builds the installer on Windows:
#
#   powershell -ExecutionPolicy Bypass -File build_scripts\windows\build.ps1 [-Output FOLDER]
#
# Fetches the embeddable CPython from python.org (build.py checks its SHA-256) and NSIS by winget or
# Chocolatey where it is missing. $env:PYTHON: Python 3.11 with the project's packages.
param([string] $Output = "output\windows")

$ErrorActionPreference = "Stop"
$root = Resolve-Path (Join-Path $PSScriptRoot "..\..")
Set-Location $root
$python = if ($env:PYTHON) { $env:PYTHON } elseif (Test-Path .venv\Scripts\python.exe) { ".venv\Scripts\python.exe" } else { "python" }

if (-not (Get-Command makensis -ErrorAction SilentlyContinue)) {
    $nsis = "${env:ProgramFiles(x86)}\NSIS"
    if (-not (Test-Path "$nsis\makensis.exe")) {
        if (Get-Command choco -ErrorAction SilentlyContinue) { choco install nsis -y --no-progress }
        else { winget install --id NSIS.NSIS --silent --accept-source-agreements --accept-package-agreements }
    }
    $env:PATH = "$nsis;$env:PATH"
}

New-Item -ItemType Directory -Force $Output | Out-Null
$zip = Join-Path $Output "python-3.11.9-embed-amd64.zip"
if (-not (Test-Path $zip)) {
    Invoke-WebRequest "https://www.python.org/ftp/python/3.11.9/python-3.11.9-embed-amd64.zip" -OutFile $zip
}
& $python build_scripts\windows\build.py --python $zip --output $Output
exit $LASTEXITCODE
