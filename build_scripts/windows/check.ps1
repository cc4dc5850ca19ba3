# Installs, tests, upgrades and removes AtomSegNet on Windows; ends with an error where one fails:
#
#   powershell -ExecutionPolicy Bypass -File build_scripts\windows\check.ps1 -Setup FILE
param([Parameter(Mandatory)] [string] $Setup)

$ErrorActionPreference = "Stop"
$folder = Join-Path $env:TEMP "a b $([char]0xE4)$([char]0x3BC)\AtomSegNet"
$key = "HKCU:\Software\Microsoft\Windows\CurrentVersion\Uninstall\AtomSegNet"

function Assert-That([bool] $claim, [string] $what) {
    if (-not $claim) { throw "failed: $what" }
    Write-Host "ok: $what"
}

function Start-AndWait([string] $program, [string] $arguments) {
    $process = Start-Process -FilePath $program -ArgumentList $arguments -PassThru -Wait
    return $process.ExitCode
}

Assert-That ((Get-Item $Setup).Length -le 200MB) "the setup has at most 200 MB"
# /D is last and without quotes, as NSIS wants it.
Assert-That ((Start-AndWait $Setup "/S /D=$folder") -eq 0) "silent installation"
Assert-That (Test-Path $key) "it is among the installed programs"
& "$folder\bin\atomsegnet.exe" --selftest
Assert-That ($LASTEXITCODE -eq 0) "self-test"
Set-Content "$folder\runtime\stale.txt" "of an older version"
Assert-That ((Start-AndWait $Setup "/S") -eq 0) "upgrade in place"
Assert-That (-not (Test-Path "$folder\runtime\stale.txt")) "nothing of the older version stays"
$models = Join-Path $env:LOCALAPPDATA "AtomSegNet\models"
New-Item -ItemType Directory -Force $models | Out-Null
Set-Content "$models\mine.txt" "kept"
Start-AndWait "$folder\uninstall.exe" "/S _?=$folder" | Out-Null
Assert-That (-not (Test-Path "$folder\runtime")) "the program is removed"
Assert-That (-not (Test-Path $key)) "it is no longer among the installed programs"
Assert-That (Test-Path "$models\mine.txt") "the user's models are kept"
