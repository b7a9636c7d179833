; The set-up program of Catnap, for Inno Setup 6. Compiled by packaging/release/windows.py, which passes with /D:
;   Version    as people read it              Numbers   the same as four numbers
;   Publisher  who makes it                   Bundle    the folder that "make build" made
;   Icon       the program's icon
; Per user, without an administrator. Conversations, models and settings are in another folder and survive an uninstall.

#ifndef Version
  #error Run packaging/release/make.py, which knows the version
#endif
#define Id "{6B0F7C53-2C0E-4C2B-9D4C-1F3E5A8C7D21}"

[Setup]
AppId={{#Id}
AppName=Catnap
AppVersion={#Version}
AppVerName=Catnap {#Version}
AppPublisher={#Publisher}
VersionInfoVersion={#Numbers}
PrivilegesRequired=lowest
DefaultDirName={localappdata}\Programs\Catnap
DisableProgramGroupPage=yes
DisableWelcomePage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; Windows 10 1809, the oldest that Qt 6.8 runs on.
MinVersion=10.0.17763
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\Catnap.exe
UninstallDisplayName=Catnap
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
ShowLanguageDialog=auto
; Catnap is asked to quit by its own command (see Code), which saves the running answer; Windows would only close windows.
CloseApplications=no

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
; Inno Setup brings no Chinese along; ours is laid over its English, so that a sentence not translated yet is English.
Name: "zh"; MessagesFile: "compiler:Default.isl,chinese.isl"

[CustomMessages]
en.QuickAsk=Quick ask
zh.QuickAsk=快速提问
en.AtLogin=Start Catnap, hidden in the tray, when I log in
zh.AtLogin=登录时自动启动 Catnap（隐藏在托盘中）
en.StartNow=Start Catnap
zh.StartNow=启动 Catnap
en.StillRunning=Catnap is still running. Quit it from its tray icon, then try again.
zh.StillRunning=Catnap 仍在运行。请从托盘图标退出它，然后重试。
en.Older=Catnap %1 is installed; this is the older %2. It will not open conversations that the newer one has converted.%n%nReplace it all the same?
zh.Older=已安装 Catnap %1，这里是较旧的 %2。较新版本转换过的对话，旧版本无法打开。%n%n仍然替换吗？
en.DataStays=Your conversations, models and settings stay, for a Catnap to come. They are in%n%n%1%n%nDelete that folder if you do not want them any more.
zh.DataStays=你的对话、模型和设置保留不动，供以后使用。它们在%n%n%1%n%n如果不再需要，可以删除这个文件夹。

[Tasks]
Name: "login"; Description: "{cm:AtLogin}"; Flags: unchecked

[InstallDelete]
; An upgrade leaves nothing of the old version behind.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{autoprograms}\Catnap"; Filename: "{app}\Catnap.exe"
Name: "{autoprograms}\Catnap - {cm:QuickAsk}"; Filename: "{app}\Catnap.exe"; Parameters: "--quick-ask"

[Run]
Filename: "{app}\catnap.com"; Parameters: "autostart on"; Flags: runhidden; Tasks: login
Filename: "{app}\Catnap.exe"; Description: "{cm:StartNow}"; Flags: nowait postinstall skipifsilent

[UninstallRun]
Filename: "{app}\catnap.com"; Parameters: "autostart off"; Flags: runhidden; RunOnceId: "AutostartOff"

[Code]
const
  PatienceSeconds = 20; // the program's own watchdog ends what is stuck after 10

function IsInUse(const Name: String): Boolean;
var
  Stream: TFileStream;
begin
  Result := False;
  if FileExists(Name) then
  try
    // Windows lets nobody write to a program that runs.
    Stream := TFileStream.Create(Name, fmOpenReadWrite or fmShareExclusive);
    Stream.Free;
  except
    Result := True;
  end;
end;

function IsRunning(const Folder: String): Boolean;
begin
  Result := IsInUse(Folder + '\Catnap.exe') or IsInUse(Folder + '\catnap.com');
end;

function QuitRunning(const Folder: String): Boolean;
var
  Code, Waited: Integer;
begin
  Waited := 0;
  if IsRunning(Folder) then
    Exec(Folder + '\Catnap.exe', '--quit', '', SW_HIDE, ewWaitUntilTerminated, Code);
  while IsRunning(Folder) and (Waited < PatienceSeconds) do
  begin
    Sleep(1000);
    Waited := Waited + 1;
  end;
  Result := not IsRunning(Folder);
end;

function InstalledVersion: String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Software\Microsoft\Windows\CurrentVersion\Uninstall\{#Id}_is1',
    'DisplayVersion', Result) then
    Result := '';
end;

function InitializeSetup: Boolean;
var
  Installed, Ours: Int64;
begin
  Result := True;
  if StrToVersion(InstalledVersion, Installed) and StrToVersion('{#Version}', Ours) then
    if ComparePackedVersion(Ours, Installed) < 0 then
      Result := SuppressibleMsgBox(FmtMessage(CustomMessage('Older'), [InstalledVersion, '{#Version}']),
        mbConfirmation, MB_YESNO or MB_DEFBUTTON2, IDNO) = IDYES;
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  Result := '';
  if not QuitRunning(ExpandConstant('{app}')) then
    Result := CustomMessage('StillRunning');
end;

function InitializeUninstall: Boolean;
begin
  Result := QuitRunning(ExpandConstant('{app}'));
  if not Result then
    SuppressibleMsgBox(CustomMessage('StillRunning'), mbError, MB_OK, IDOK);
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data: String;
begin
  Data := ExpandConstant('{localappdata}\catnap');
  if (Step = usPostUninstall) and DirExists(Data) then
    SuppressibleMsgBox(FmtMessage(CustomMessage('DataStays'), [Data]), mbInformation, MB_OK, IDOK);
end;
